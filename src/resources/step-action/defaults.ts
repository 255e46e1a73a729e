import { defaultParamSpec } from '../param-specs.ts';
import { defaultResult } from '../task/defaults.ts';
import type { StepAction } from './schema.ts';

export function defaultStepAction(action: StepAction): StepAction {
  const { params, results } = action.spec;
  return {
    ...action,
    spec: {
      ...action.spec,
      ...(params === undefined ? {} : { params: params.map(defaultParamSpec) }),
      ...(results === undefined ? {} : { results: results.map(defaultResult) }),
    },
  };
}
