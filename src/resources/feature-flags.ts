import type { EngineConfig } from './engine-config.ts';
import { type ConfigKey, engineConfigKeys } from './engine-config-keys.ts';

const told = Object.entries(engineConfigKeys).flatMap(([key, { told: name }]: [string, ConfigKey]) =>
  name === undefined ? [] : [[name, key as keyof EngineConfig] as const],
);

/** `status.provenance.featureFlags`: under upstream's JSON names; off and empty ones are left out, as upstream's `omitempty` does. */
export function toldFeatureFlags(config: EngineConfig): Readonly<Record<string, unknown>> {
  return Object.fromEntries(told.flatMap(([name, key]) => (config[key] ? [[name, config[key]]] : [])));
}
