import { defaultParamSpec, defaultProperties } from '../param-specs.ts';
import type { StepResult, Task, TaskResult, TaskSpec } from './schema.ts';

export function defaultTask(task: Task): Task {
  return { ...task, spec: defaultTaskSpec(task.spec) };
}

/** Also for embedded specs, whose further fields it leaves alone. */
export function defaultTaskSpec<T extends TaskSpec>(spec: T): T {
  const steps = spec.steps?.map((step) => (step.results === undefined ? step : { ...step, results: step.results.map(defaultResult) }));
  return {
    ...spec,
    ...(spec.params === undefined ? {} : { params: spec.params.map(defaultParamSpec) }),
    ...(steps === undefined ? {} : { steps }),
    ...(spec.results === undefined ? {} : { results: spec.results.map(defaultResult) }),
  };
}

/** `object` where there are properties, else `string`. */
export function defaultResult<T extends TaskResult | StepResult>(result: T): T {
  const properties = defaultProperties(result.properties);
  const type = result.type !== undefined && result.type !== '' ? result.type : properties === undefined ? 'string' : 'object';
  return properties === undefined ? { ...result, type } : { ...result, type, properties };
}
