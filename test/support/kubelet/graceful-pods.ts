import { type Store, StoreError } from '../../../src/ports/store.ts';
import type { KubeObject, Stored, StoredMeta } from '../../../src/resources/object.ts';
import { timestamp } from '../../../src/resources/timestamp.ts';
import { storeView } from '../../../src/stores/shared/store-view.ts';
import { graceOf, type Pod } from './pod.ts';

/** What holds a pod that is being deleted until its kubelet lets it go, and what it has for that. Nobody sees either. */
const HELD = 'stand-in.test/kubelet';
export const GRACE = 'stand-in.test/grace-seconds';

/**
 * A store in which pods are deleted as the API server deletes them: marked, with the time by when they are to be gone, and there until their kubelet has
 * ended them. Ours has only finalizers for that; here they stay out of sight.
 */
export function gracefulPods(store: Store): Store {
  return {
    ...storeView(store, { as: shown }),
    async create<T extends KubeObject>(object: T) {
      if (!isPod(object)) return await store.create<T>(object);
      await checkAccount(store, object as unknown as Pod);
      const { finalizers = [] } = object.metadata;
      return shown(await store.create({ ...object, metadata: { ...object.metadata, finalizers: [...finalizers, HELD] } })) as Stored<T>;
    },
    async update<T extends KubeObject>(object: T) {
      return shown(await store.update(isPod(object) ? await hidden(store, object) : object)) as Stored<T>;
    },
  };
}

export function shown(object: Stored): Stored {
  if (!isPod(object) || object.metadata.finalizers?.includes(HELD) !== true) return object;
  const { finalizers, annotations, deletionTimestamp, deletionGracePeriodSeconds: _, ...metadata } = object.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== HELD);
  const { [GRACE]: told, ...own } = annotations ?? {};
  const grace = told === undefined ? graceOf(object as unknown as Pod) : Number(told);
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(Object.keys(own).length > 0 && { annotations: own }),
      ...(others.length > 0 && { finalizers: others }),
      ...(deletionTimestamp !== undefined && {
        deletionTimestamp: timestamp(Date.parse(deletionTimestamp) + grace * 1_000),
        deletionGracePeriodSeconds: grace,
      }),
    } as StoredMeta,
  };
}

/** What a client that has not seen it cannot have written back. */
async function hidden(store: Store, object: KubeObject): Promise<KubeObject> {
  const { namespace, name = '', finalizers = [], annotations } = object.metadata;
  const current = await store.get({ kind: 'Pod', namespace, name });
  const grace = current?.metadata.annotations?.[GRACE];
  const metadata = {
    ...object.metadata,
    finalizers: [...finalizers, HELD],
    ...(grace !== undefined && { annotations: { ...annotations, [GRACE]: grace } }),
  };
  return { ...object, metadata };
}

/** Every namespace has the account `default` on a cluster; of others the API server knows. */
async function checkAccount(store: Store, { metadata: { namespace }, spec }: Pod): Promise<void> {
  const name = spec.serviceAccountName ?? 'default';
  if (name === 'default' || (await store.get({ kind: 'ServiceAccount', namespace, name })) !== undefined) return;
  throw new StoreError(
    'Forbidden',
    `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

function isPod({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Pod' && apiVersion === 'v1';
}
