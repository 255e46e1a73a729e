import type { EngineConfig } from '../engine-config.ts';
import { defaultParamSpec, defaultProperties } from '../param-specs.ts';
import { defaultPipelineRef as defaultStepRef } from '../run-defaults.ts';
import type { Sidecar, Step, StepResult, Task, TaskResult, TaskSpec } from './schema.ts';

export function defaultTask(task: Task, config: EngineConfig): Task {
  return { ...task, spec: defaultTaskSpec(task.spec, config) };
}

/**
 * Also for embedded specs, whose further fields it leaves alone. In Go a field that holds a struct is always written and so are names, so upstream's
 * objects and statuses have `computeResources: {}` and `name: ""` where the author gave none.
 */
export function defaultTaskSpec<T extends TaskSpec>(spec: T, config: EngineConfig): T {
  const written = writtenTaskSpec(spec);
  const { params, steps, results } = written;
  return {
    ...written,
    ...(params && { params: params.map(defaultParamSpec) }),
    ...(steps && { steps: steps.map((step) => defaultStep(step, config)) }),
    ...(results && { results: results.map(defaultResult) }),
  };
}

/** What Go writes of a spec whose defaults are not set yet, see `defaultTaskSpec`. */
export function writtenTaskSpec<T extends TaskSpec>(spec: T): T {
  const { steps, stepTemplate, sidecars } = spec;
  return {
    ...spec,
    ...(steps && { steps: steps.map(withWrittenFields) }),
    ...(stepTemplate && { stepTemplate: { ...stepTemplate, computeResources: stepTemplate.computeResources ?? {} } }),
    ...(sidecars && { sidecars: sidecars.map(withWrittenFields) }),
  };
}

function defaultStep(step: Step, config: EngineConfig): Step {
  return {
    ...step,
    ...(step.ref && { ref: defaultStepRef(step.ref, config) }),
    ...(step.results && { results: step.results.map(defaultResult) }),
  };
}

function withWrittenFields<T extends Step | Sidecar>(container: T): T {
  const { workspaces } = container;
  return {
    name: '',
    ...container,
    computeResources: container.computeResources ?? {},
    ...(workspaces && { workspaces: workspaces.map((usage) => ({ ...usage, mountPath: usage.mountPath ?? '' })) }),
  };
}

/** `object` where there are properties, else `string`. */
export function defaultResult<T extends TaskResult | StepResult>(result: T): T {
  const properties = defaultProperties(result.properties);
  const type = result.type !== undefined && result.type !== '' ? result.type : properties === undefined ? 'string' : 'object';
  return properties === undefined ? { ...result, type } : { ...result, type, properties };
}
