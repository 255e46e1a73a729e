import { replaceString } from '../../expressions/variables/replace-string.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import type { Volume } from '../core/pod-fields.ts';
import { texts } from './replace-container.ts';

interface KeyAndPath {
  readonly key: string;
  readonly path: string;
}

/** Replaces names, keys, paths and claim names. Follows tektoncd/pipeline pkg/apis/pipeline/v1/container_replacements.go and its volume twin. */
export function replaceInVolume(volume: Volume, r: Replacements): Volume {
  const { configMap, secret, persistentVolumeClaim, projected, csi } = volume;
  return {
    ...volume,
    ...texts(volume, ['name'], r),
    ...(configMap && { configMap: { ...configMap, ...texts(configMap, ['name'], r), ...items(configMap.items, r) } }),
    ...(secret && { secret: { ...secret, ...texts(secret, ['secretName'], r), ...items(secret.items, r) } }),
    ...(persistentVolumeClaim && {
      persistentVolumeClaim: { ...persistentVolumeClaim, ...texts(persistentVolumeClaim, ['claimName'], r) },
    }),
    ...(projected && { projected: { ...projected, ...projectedSources(projected.sources, r) } }),
    ...(csi && {
      csi: {
        ...csi,
        ...(csi.nodePublishSecretRef && {
          nodePublishSecretRef: { ...csi.nodePublishSecretRef, ...texts(csi.nodePublishSecretRef, ['name'], r) },
        }),
        ...(csi.volumeAttributes && {
          volumeAttributes: Object.fromEntries(Object.entries(csi.volumeAttributes).map(([key, value]) => [key, replaceString(value, r)])),
        }),
      },
    }),
  };
}

function items<T extends KeyAndPath>(list: readonly T[] | undefined, r: Replacements): { items?: T[] } {
  return list ? { items: list.map((item) => ({ ...item, ...texts(item, ['key', 'path'], r) })) } : {};
}

type ProjectedSources = NonNullable<NonNullable<Volume['projected']>['sources']>;

function projectedSources(sources: ProjectedSources | undefined, r: Replacements): { sources?: ProjectedSources } {
  if (!sources) return {};
  return {
    sources: sources.map((source) => ({
      ...source,
      ...(source.configMap && { configMap: { ...source.configMap, ...texts(source.configMap, ['name'], r) } }),
      ...(source.secret && { secret: { ...source.secret, ...texts(source.secret, ['name'], r) } }),
      ...(source.serviceAccountToken && {
        serviceAccountToken: { ...source.serviceAccountToken, ...texts(source.serviceAccountToken, ['audience'], r) },
      }),
    })),
  };
}
