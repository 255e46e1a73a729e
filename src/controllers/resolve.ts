import type { ObjectKey, Store } from '../ports/store.ts';
import type { KubeObject } from '../resources/object.ts';
import { typeOfGroupKind } from '../resources/registry.ts';
import type { Resolved } from '../resources/resolved.ts';

/** A definition by its name, read from the store itself. Says in Kubernetes' words that there is none. */
export async function resolve<T extends KubeObject>(store: Store, key: ObjectKey): Promise<Resolved<T>> {
  const object = await store.get<T>(key);
  if (object !== undefined) return { type: 'found', object };
  const type = typeOfGroupKind(key.kind);
  return { type: 'missing', message: `${type?.plural}.${type?.group} "${key.name}" not found` };
}
