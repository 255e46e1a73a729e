import type { EngineConfig } from './engine-config.ts';
import type { Provenance, RefSource } from './status.ts';

/**
 * Which flags a run was run with, under upstream's JSON names (off and empty ones are left out, as upstream's `omitempty` does), and where
 * its definition came from: what is known first stays.
 */
export function provenance(old: Provenance | undefined, config: EngineConfig, refSource?: RefSource | undefined): Provenance | undefined {
  if (!config['enable-provenance-in-status']) return old;
  const flags = {
    enableAPIFields: config['enable-api-fields'],
    enableProvenanceInStatus: config['enable-provenance-in-status'],
    enableCELInWhenExpression: config['enable-cel-in-whenexpression'],
    enableParamEnum: config['enable-param-enum'],
    enableArtifacts: config['enable-artifacts'],
    disableInlineSpec: config['disable-inline-spec'],
    enableConciseResolverSyntax: config['enable-concise-resolver-syntax'],
  };
  const featureFlags = Object.fromEntries(Object.entries(flags).filter(([, value]) => Boolean(value)));
  return { ...(refSource && { refSource }), ...old, featureFlags };
}
