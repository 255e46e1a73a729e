import { isRaw, mapField, mapRecord, type Raw } from './convert-fields.ts';

/** `v1alpha1` has its params as a map of texts. */
export function convertResolutionRequest(_kind: string, object: Raw): Raw {
  const listed = (params: unknown): unknown => (isRaw(params) ? Object.entries(params).map(([name, value]) => ({ name, value })) : params);
  return {
    ...mapField(
      object,
      'spec',
      mapRecord((spec) => mapField(spec, 'params', listed)),
    ),
    apiVersion: 'resolution.tekton.dev/v1beta1',
  };
}
