import type { Condition, KubeObject } from '../../src/resources/object.ts';
import type { PipelineSpec } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';

/** How a run must end by the state of its children: reference 4.10, worked out anew and without the engine. */
export interface Tally {
  readonly reason: string;
  /** Up to the errors of tasks that failed validation. */
  readonly message: string;
}

type Outcome = 'succeeded' | 'failed' | 'ignored' | 'cancelled' | 'none';

/** For a run that its user did not cancel outright and whose time was not over. */
export function tally(run: PipelineRun, children: readonly KubeObject[]): Tally {
  const { tasks = [], finally: finals = [] }: PipelineSpec = run.status?.pipelineSpec ?? {};
  const skipped = run.status?.skippedTasks ?? [];
  const counts: Record<Outcome | 'invalid' | 'skipped', number> = {
    succeeded: 0,
    failed: 0,
    ignored: 0,
    cancelled: 0,
    none: 0,
    invalid: 0,
    skipped: skipped.length,
  };
  for (const { name, onError } of [...tasks, ...finals]) {
    const own = children.filter(({ metadata }) => metadata.labels?.['tekton.dev/pipelineTask'] === name);
    const outcome = outcomeOf(own, onError === 'continue');
    if (outcome === 'none' && !skipped.some((each) => each.name === name)) counts.invalid++;
    counts[outcome]++;
  }
  const { succeeded, failed, ignored, cancelled, invalid } = counts;
  const ignoring = ignored > 0 ? ` (Ignored: ${ignored})` : '';
  const all = succeeded + failed + ignored + cancelled;
  const message = `Tasks Completed: ${all} (Failed: ${failed + ignored}${ignoring}, Cancelled ${cancelled}), Skipped: ${counts.skipped}`;
  const graceful = run.spec.status === 'CancelledRunFinally' || run.spec.status === 'StoppedRunFinally';
  if (invalid > 0) return { reason: 'PipelineValidationFailed', message: `${message}, Failed Validation: ${invalid} (` };
  if (failed > 0 || skipped.some(({ reason }) => reason.includes('timeout has been reached'))) return { reason: 'Failed', message };
  if (graceful) return { reason: 'Cancelled', message: `PipelineRun "${run.metadata.name}" was cancelled` };
  if (cancelled > 0) return { reason: 'Cancelled', message };
  return { reason: counts.skipped > 0 ? 'Completed' : 'Succeeded', message };
}

function outcomeOf(children: readonly KubeObject[], ignored: boolean): Outcome {
  if (children.length === 0) return 'none';
  const conditions = children.map(succeeded);
  if (conditions.every((condition) => condition?.status === 'True')) return 'succeeded';
  const cancelled = children.filter((_, index) => /^(TaskRun|CustomRun)?Cancelled$/.test(conditions[index]?.reason ?? ''));
  if (cancelled.some(({ spec }) => (spec as { readonly statusMessage?: string }).statusMessage?.endsWith('has timed out.')))
    return 'failed';
  if (cancelled.length > 0) return 'cancelled';
  return ignored ? 'ignored' : 'failed';
}

function succeeded({ status }: KubeObject): Condition | undefined {
  return (status as { readonly conditions?: readonly Condition[] } | undefined)?.conditions?.find(({ type }) => type === 'Succeeded');
}
