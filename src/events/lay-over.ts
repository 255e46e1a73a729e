import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { groupKindOf } from '../resources/object.ts';
import type { LiveKind, LiveKindOptions, OpenLiveKind } from './configuration.ts';

/**
 * Opens copies of kinds that stand still: these objects, and behind them what `live` has. One of the same kind, namespace and name covers
 * what is behind it. Objects without a name cover nothing and are left out.
 */
export function layOver(objects: readonly KubeObject[], live: (kind: GroupKind) => LiveKind<KubeObject> | undefined): OpenLiveKind {
  const byKind = new Map<GroupKind, Map<string, Stored>>();
  for (const object of objects) {
    const { name, namespace } = object.metadata;
    if (name === undefined || name === '') continue;
    const kind = groupKindOf(object);
    const known = byKind.get(kind) ?? new Map<string, Stored>();
    byKind.set(kind, known);
    known.set(namespace === undefined ? name : `${namespace}/${name}`, asStored(object, name));
  }
  return <T extends KubeObject>({ kind }: LiveKindOptions<T>): LiveKind<T> => {
    const own = (byKind.get(kind) ?? new Map()) as ReadonlyMap<string, Stored<T>>;
    const behind = live(kind) as LiveKind<T> | undefined;
    return {
      start: async () => {},
      get: (key) => own.get(key) ?? behind?.get(key),
      *values() {
        yield* own.values();
        for (const object of behind?.values() ?? []) if (!own.has(keyOf(object))) yield object;
      },
      close: async () => {},
    };
  };
}

function keyOf({ metadata: { namespace, name } }: Stored): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function asStored(object: KubeObject, name: string): Stored {
  const uncommitted = { uid: '', resourceVersion: '', generation: 0, creationTimestamp: '' };
  return { ...object, metadata: { ...uncommitted, ...object.metadata, name } };
}
