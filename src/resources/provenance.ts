import type { EngineConfig } from './engine-config.ts';
import { toldFeatureFlags } from './feature-flags.ts';
import type { Provenance, RefSource } from './status.ts';

/**
 * Which flags a run was run with, and where its definition came from: what is known first stays.
 */
export function provenance(old: Provenance | undefined, config: EngineConfig, refSource?: RefSource | undefined): Provenance | undefined {
  if (!config['enable-provenance-in-status']) return old;
  const featureFlags = toldFeatureFlags(config);
  return { ...(refSource && { refSource }), ...old, featureFlags };
}
