import type { DownwardFile, Volume } from '../resources/core/pod-fields.ts';
import type { WorkspaceBinding } from '../resources/workspaces.ts';
import type { ConfigMapSource, FieldFile, PlannedVolume, SecretSource } from './pod-plan.ts';

/** What Kubernetes calls a volume, as a runtime needs it. Kinds only a cluster can serve stay as written. */
export function planVolume(volume: Volume): PlannedVolume {
  const { name, emptyDir, persistentVolumeClaim, configMap, secret, projected, downwardAPI, hostPath, ephemeral, image } = volume;
  if (emptyDir) {
    return { type: 'emptyDir', name, ...optional('medium', emptyDir.medium), ...optional('sizeLimit', emptyDir.sizeLimit) };
  }
  if (persistentVolumeClaim) {
    const { claimName, readOnly = false } = persistentVolumeClaim;
    return { type: 'persistentVolumeClaim', name, claimName, readOnly };
  }
  if (configMap) return { type: 'configMap', name, source: configMapSource(configMap) };
  if (secret) return { type: 'secret', name, source: secretSource({ ...secret, name: secret.secretName }) };
  if (projected) {
    return {
      type: 'projected',
      name,
      sources: (projected.sources ?? []).map((source) => {
        if (source.configMap) return { type: 'configMap', source: configMapSource(source.configMap) };
        if (source.secret) return { type: 'secret', source: secretSource(source.secret) };
        if (source.downwardAPI) return { type: 'downwardAPI', items: (source.downwardAPI.items ?? []).map(fieldFile) };
        return { type: 'other', raw: source };
      }),
      ...optional('defaultMode', projected.defaultMode),
    };
  }
  if (downwardAPI) {
    return {
      type: 'downwardAPI',
      name,
      items: (downwardAPI.items ?? []).map(fieldFile),
      ...optional('defaultMode', downwardAPI.defaultMode),
    };
  }
  if (hostPath) return { type: 'hostPath', name, path: hostPath.path, kind: hostPath.type ?? '' };
  if (ephemeral) return { type: 'ephemeral', name, raw: volume };
  if (image) return { type: 'image', name, reference: image.reference ?? '', ...optional('pullPolicy', image.pullPolicy) };
  // As the API server defaults it: no source at all is an emptyDir.
  if (Object.entries(volume).every(([key, value]) => key === 'name' || value === undefined)) return { type: 'emptyDir', name };
  return { type: 'other', name, raw: volume };
}

export function planWorkspaceVolume(name: string, binding: WorkspaceBinding): PlannedVolume {
  const { name: _name, subPath: _subPath, volumeClaimTemplate: _template, ...source } = binding;
  return planVolume({ ...source, name });
}

interface Source {
  readonly name?: string | undefined;
  readonly items?: ConfigMapSource['items'];
  readonly optional?: boolean | undefined;
  readonly defaultMode?: number | undefined;
}

function configMapSource(source: Source): ConfigMapSource {
  return {
    name: source.name ?? '',
    ...optional('items', source.items),
    optional: source.optional ?? false,
    ...optional('defaultMode', source.defaultMode),
  };
}

function secretSource(source: Source): SecretSource {
  return configMapSource(source);
}

function fieldFile({ path, fieldRef, resourceFieldRef, mode }: DownwardFile): FieldFile {
  return { path, ...optional('fieldPath', fieldRef?.fieldPath), ...optional('resource', resourceFieldRef), ...optional('mode', mode) };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
