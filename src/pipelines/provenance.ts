import type { EngineConfig } from '../resources/engine-config.ts';
import type { PipelineRunStatus } from '../resources/pipeline-run/schema.ts';

/** Which flags a run was run with, under upstream's JSON names; off and empty ones are left out, as upstream's `omitempty` does. */
export function provenance(old: PipelineRunStatus['provenance'], config: EngineConfig): PipelineRunStatus['provenance'] {
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
  return { ...old, featureFlags: Object.fromEntries(Object.entries(flags).filter(([, value]) => Boolean(value))) };
}
