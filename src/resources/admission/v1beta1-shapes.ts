/**
 * How `tekton.dev/v1beta1` differs from `v1`, as a tree beside the objects' own: the same table leads from old to new and back.
 * Follows tektoncd/pipeline pkg/apis/pipeline/v1beta1/*_conversion.go and *_validation.go; reference/pipelines.md A.1.
 */
export interface Shape {
  /** Old names and the new ones. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** PipelineResources: decoded, then refused. */
  readonly refused?: readonly string[] | undefined;
  /** What v1 has one level further down, by its old name: the field it is in there, under its name there. */
  readonly moved?: Readonly<Record<string, readonly [into: string, as: string]>> | undefined;
  /** `bundle` of old references, which became the params of a resolver, with what it is a bundle of. */
  readonly bundleOf?: 'task' | 'pipeline' | undefined;
  /** What is below, by its old name: an object or a list of them. */
  readonly within?: Readonly<Record<string, Shape>> | undefined;
}

const refused = ['resources'] as const;

const container: Shape = { names: { resources: 'computeResources' } };

const taskRef: Shape = { bundleOf: 'task' };
const pipelineRef: Shape = { bundleOf: 'pipeline' };

const taskSpec: Shape = { refused, within: { steps: container, sidecars: container, stepTemplate: container } };

const pipelineSpec: { refused: readonly string[]; within: Record<string, Shape> } = { refused, within: {} };
const pipelineTask: Shape = { refused, within: { taskRef, taskSpec, pipelineRef, pipelineSpec } };
// It holds itself: a child pipeline.
pipelineSpec.within = { tasks: pipelineTask, finally: pipelineTask };

const overrides = {
  names: { stepOverrides: 'stepSpecs', sidecarOverrides: 'sidecarSpecs' },
  within: { stepOverrides: container, sidecarOverrides: container },
} as const;

const taskRunSpecs: Shape = {
  names: { ...overrides.names, taskServiceAccountName: 'serviceAccountName', taskPodTemplate: 'podTemplate' },
  within: overrides.within,
};

const taskRunStatus: { names: Record<string, string>; within: Record<string, Shape> } = { names: { taskResults: 'results' }, within: {} };
taskRunStatus.within = { taskSpec, retriesStatus: taskRunStatus };

const shapes = {
  Task: { within: { spec: taskSpec } },
  Pipeline: { within: { spec: pipelineSpec } },
  TaskRun: {
    within: { spec: { refused, names: overrides.names, within: { ...overrides.within, taskRef, taskSpec } }, status: taskRunStatus },
  },
  PipelineRun: {
    within: {
      spec: {
        refused,
        moved: {
          timeout: ['timeouts', 'pipeline'],
          serviceAccountName: ['taskRunTemplate', 'serviceAccountName'],
          podTemplate: ['taskRunTemplate', 'podTemplate'],
        },
        within: { pipelineRef, pipelineSpec, taskRunSpecs },
      },
      status: { names: { pipelineResults: 'results' }, within: { pipelineSpec } },
    },
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** Of kinds that are the same in both versions: nothing. */
export function shapeOf(kind: string): Shape {
  return Object.hasOwn(shapes, kind) ? shapes[kind as keyof typeof shapes] : {};
}
