import type { EngineConfig } from '../engine-config.ts';
import { defaultBindings } from '../run-defaults.ts';
import type { CustomRun } from './schema.ts';

export function defaultCustomRun(run: CustomRun, config: EngineConfig): CustomRun {
  const { customSpec, serviceAccountName = '', workspaces } = run.spec;
  return {
    ...run,
    spec: {
      ...run.spec,
      ...(customSpec && { customSpec: { ...customSpec, metadata: customSpec.metadata ?? {}, spec: customSpec.spec ?? null } }),
      serviceAccountName: serviceAccountName === '' ? config['default-service-account'] : serviceAccountName,
      ...defaultBindings(workspaces),
    },
  };
}
