import { type FieldError, missingField, oneOfMissing, oneOfMultiple } from './field-error.ts';
import type { WorkspaceBinding } from './workspaces.ts';

const sources = ['configmap', 'emptydir', 'persistentvolumeclaim', 'secret', 'volumeclaimtemplate'];

/** Exactly one source, and what that source needs. Upstream's paths are all lower case. */
export function validateWorkspaceBinding(binding: WorkspaceBinding): readonly FieldError[] {
  const { volumeClaimTemplate, persistentVolumeClaim, emptyDir, configMap, secret, projected, csi } = binding;
  const given = [volumeClaimTemplate, persistentVolumeClaim, emptyDir, configMap, secret, projected, csi].filter(
    (source) => source !== undefined,
  );
  if (given.length > 1) return [oneOfMultiple(...sources)];
  if (given.length === 0) return [oneOfMissing(...sources)];
  if (persistentVolumeClaim?.claimName === '') return [missingField('persistentvolumeclaim.claimname')];
  if (configMap !== undefined && (configMap.name ?? '') === '') return [missingField('configmap.name')];
  if (secret !== undefined && (secret.secretName ?? '') === '') return [missingField('secret.secretName')];
  if (projected !== undefined && (projected.sources ?? []).length === 0) return [missingField('projected.sources')];
  if (csi?.driver === '') return [missingField('csi.driver')];
  return [];
}
