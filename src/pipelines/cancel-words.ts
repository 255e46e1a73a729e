/** What is written into a child's spec to cancel it. Source: tektoncd/pipeline pkg/apis/pipeline/v1/taskrun_types.go, v1beta1/customrun_types.go; the words of `failedFast` are ours. */
export const cancelWords = {
  TaskRun: {
    status: 'TaskRunCancelled',
    cancelled: 'TaskRun cancelled as the PipelineRun it belongs to has been cancelled.',
    timedOut: 'TaskRun cancelled as the PipelineRun it belongs to has timed out.',
    failedFast: 'TaskRun cancelled as another task of the PipelineRun it belongs to has failed.',
  },
  CustomRun: {
    status: 'RunCancelled',
    cancelled: 'CustomRun cancelled as the PipelineRun it belongs to has been cancelled.',
    timedOut: 'CustomRun cancelled as the PipelineRun it belongs to has timed out.',
    failedFast: 'CustomRun cancelled as another task of the PipelineRun it belongs to has failed.',
  },
} as const;

/** Reasons of a child that was cancelled, by us or by its user. */
export const cancelReasons: ReadonlySet<string> = new Set(['TaskRunCancelled', 'CustomRunCancelled']);

export const timedOutMessages: ReadonlySet<string> = new Set([cancelWords.TaskRun.timedOut, cancelWords.CustomRun.timedOut]);

export const failedFastMessages: ReadonlySet<string> = new Set([cancelWords.TaskRun.failedFast, cancelWords.CustomRun.failedFast]);
