import type { KubeObject } from '../../../src/resources/object.ts';

/** Moments: that there is one counts, not which. */
const TIMES = new Set(['startTime', 'completionTime', 'finallyStartTime', 'lastTransitionTime', 'startedAt', 'finishedAt']);

/** What differs with the cluster, the node or the version of the program. */
const FACTS_OF_THE_CLUSTER = new Set([
  'podName',
  'imageID',
  'containerID',
  'provenance',
  'spanContext',
  'observedGeneration',
  'pipeline.tekton.dev/release',
  'pipeline.tekton.dev/affinity-assistant',
]);

/** The recorded files have been through something that takes them out, of images as of any other text. */
const DIGEST = /@sha256:[0-9a-f]+/g;

/**
 * What of a run must equal upstream's: its labels and annotations, its spec as admission left it, and its whole status, but for random names, times,
 * uids and facts of the cluster. Of a sidecar only which there are, since upstream's were taken down at a moment nobody chose.
 */
export function comparedPart(object: KubeObject, stable: (text: string) => string): unknown {
  const { labels = {}, annotations = {} } = object.metadata;
  const { spec = {}, status = {} } = object;
  return reduced({ metadata: { labels, annotations }, spec, status }, stable);
}

function reduced(value: unknown, stable: (text: string) => string): unknown {
  if (typeof value === 'string') return stable(value).replaceAll(DIGEST, '');
  if (Array.isArray(value)) return value.map((member) => reduced(member, stable));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
      if (FACTS_OF_THE_CLUSTER.has(key) || member === undefined) return [];
      if (TIMES.has(key)) return [[key, '<time>']];
      if (key === 'sidecars' && Array.isArray(member) && member.every(isSidecarState)) {
        return [[key, member.map(({ name, container }) => ({ name, container }))]];
      }
      return [[key, reduced(member, stable)]];
    }),
  );
}

/** A specification of a sidecar has no container's name. */
function isSidecarState(value: unknown): value is { readonly name: unknown; readonly container: unknown } {
  return typeof value === 'object' && value !== null && 'name' in value && 'container' in value;
}
