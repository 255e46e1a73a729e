import type { EngineConfig } from '../engine-config.ts';
import type { CustomRun } from './schema.ts';

export function defaultCustomRun(run: CustomRun, config: EngineConfig): CustomRun {
  if ((run.spec.serviceAccountName ?? '') !== '') return run;
  return { ...run, spec: { ...run.spec, serviceAccountName: config['default-service-account'] } };
}
