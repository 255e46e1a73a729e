import type { RunAction } from './schema.ts';

export function defaultRunAction(action: RunAction): RunAction {
  const { spec } = action;
  return {
    ...action,
    spec: {
      ...spec,
      kinds: spec.kinds ?? ['PipelineRun'],
      ...(spec.action === 'Rerun' ? { only: spec.only ?? 'Failed' } : {}),
      ttl: spec.ttl ?? '24h0m0s',
    },
  };
}
