/** On what a replay creates: the event it repeats. */
export const REPLAY_OF = 'tappet.dev/replay-of';

const STAMPED_LABELS = ['triggers.tekton.dev/eventlistener', 'triggers.tekton.dev/trigger', 'triggers.tekton.dev/triggers-eventid'];

/**
 * A rendered object without what is put on every one: our labels and annotation, the namespace where it is the trigger's, and a name that was
 * made from `generateName`. What is left is what the template says.
 */
export function plainManifest(manifest: unknown, namespace: string): unknown {
  if (!isFields(manifest) || !isFields(manifest['metadata'])) return manifest;
  const { labels, annotations, name, namespace: own, ...metadata } = manifest['metadata'];
  return {
    ...manifest,
    metadata: {
      ...(name === undefined || metadata['generateName'] !== undefined ? {} : { name }),
      ...(own === undefined || own === namespace ? {} : { namespace: own }),
      ...metadata,
      ...without('labels', labels, STAMPED_LABELS),
      ...without('annotations', annotations, [REPLAY_OF]),
    },
  };
}

function without(field: string, map: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (map === undefined || !isFields(map)) return map === undefined ? {} : { [field]: map };
  const kept = Object.entries(map).filter(([key]) => !keys.includes(key));
  return kept.length === 0 ? {} : { [field]: Object.fromEntries(kept) };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
