import type { ConfigMapSource, FieldFile, PlannedVolume } from '../../../tasks/pod-plan.ts';
import { defined, type Volume } from './pod-manifest.ts';

/** A planned volume in Kubernetes' words: what `planVolume` read, written back. */
export function toVolume(volume: PlannedVolume): Volume {
  const { name } = volume;
  switch (volume.type) {
    case 'emptyDir':
      return { name, emptyDir: defined({ medium: volume.medium, sizeLimit: volume.sizeLimit }) };
    case 'persistentVolumeClaim':
      return { name, persistentVolumeClaim: { claimName: volume.claimName, ...(volume.readOnly && { readOnly: true }) } };
    case 'configMap':
      return { name, configMap: source(volume.source) };
    case 'secret': {
      const { name: secretName, ...rest } = source(volume.source);
      return { name, secret: { secretName, ...rest } };
    }
    case 'projected':
      return {
        name,
        projected: defined({ sources: volume.sources.map(projection), defaultMode: volume.defaultMode }),
      };
    case 'downwardAPI':
      return { name, downwardAPI: defined({ items: volume.items.map(fieldFile), defaultMode: volume.defaultMode }) };
    case 'hostPath':
      return { name, hostPath: { path: volume.path, ...(volume.kind !== '' && { type: volume.kind }) } };
    case 'image':
      return { name, image: defined({ reference: volume.reference, pullPolicy: volume.pullPolicy }) };
    case 'ephemeral':
    case 'other':
      return { ...(volume.raw as object), name };
  }
}

type Projection = Extract<PlannedVolume, { type: 'projected' }>['sources'][number];

function projection(part: Projection): Readonly<Record<string, unknown>> {
  switch (part.type) {
    case 'configMap':
      return { configMap: source(part.source) };
    case 'secret':
      return { secret: source(part.source) };
    case 'downwardAPI':
      return { downwardAPI: { items: part.items.map(fieldFile) } };
    case 'other':
      return part.raw as Readonly<Record<string, unknown>>;
  }
}

function source({ name, items, optional, defaultMode }: ConfigMapSource): Readonly<Record<string, unknown>> {
  return defined({ name, items, ...(optional && { optional }), defaultMode });
}

function fieldFile({ path, fieldPath, resource, mode }: FieldFile): Readonly<Record<string, unknown>> {
  return defined({ path, fieldRef: fieldPath === undefined ? undefined : { fieldPath }, resourceFieldRef: resource, mode });
}
