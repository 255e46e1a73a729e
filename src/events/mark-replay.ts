import { REPLAY_OF } from '../resources/trigger-test/plain-manifest.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';

/** Rendered objects have metadata: `renderManifests` sees to it. Annotations that are no object are left for admission to refuse. */
export function markReplay(verdict: TriggerVerdict, replayOf: string | undefined): TriggerVerdict {
  if (replayOf === undefined || verdict.verdict !== 'matched') return verdict;
  return { ...verdict, manifests: verdict.manifests.map((manifest) => annotated(manifest, replayOf)) };
}

function annotated(manifest: unknown, replayOf: string): unknown {
  if (!isFields(manifest) || !isFields(manifest['metadata'])) return manifest;
  const { metadata } = manifest;
  const { annotations = {} } = metadata;
  if (annotations !== null && !isFields(annotations)) return manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...annotations, [REPLAY_OF]: replayOf } } };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
