import { type FieldError, missingField } from '../field-error.ts';
import { resolverTypeLabel } from './new-request.ts';
import type { ResolutionRequest } from './schema.ts';

/** The label says whose work it is. Follows tektoncd/pipeline pkg/apis/resolution/v1beta1/resolution_request_validation.go. */
export function validateResolutionRequest({ metadata }: ResolutionRequest): readonly FieldError[] {
  return metadata.labels?.[resolverTypeLabel] ? [] : [missingField(`meta.labels.${resolverTypeLabel}`)];
}
