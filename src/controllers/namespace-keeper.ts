import type { Store } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { groupKindOf } from '../resources/object.ts';
import { apiVersionOf, resourceTypes } from '../resources/registry.ts';
import { unlessOutdated } from './apply.ts';
import type { Keeper, KeeperOptions } from './claim-keeper.ts';
import { Informer } from './informer.ts';
import { WorkQueue } from './work-queue.ts';

/** Holds a Namespace while it is being emptied. Kubernetes has `spec.finalizers` for this, which no other kind has. */
const FINALIZER = 'tappet.dev/empty';
const LOOK_AGAIN_MS = 1_000;

const namespacedKinds = resourceTypes
  .filter((type) => type.namespaced)
  .map((type) => groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind }));

/** What a cluster's namespace controller does: a Namespace that is deleted is emptied, all kinds of it, and then goes. */
export async function startNamespaceKeeper(options: KeeperOptions): Promise<Keeper> {
  const { store, clock, logger } = options;
  const namespaces = new Informer({ ...options, kind: 'Namespace', onChange: (_now, _before, key) => queue.add(key) });
  const queue = new WorkQueue({
    clock,
    logger,
    concurrency: 4,
    reconcile: async (name) => {
      const namespace = namespaces.get(name);
      // Deleted before it could be held: what is in it has to go all the same.
      if (namespace === undefined) {
        await empty(store, name);
        return;
      }
      const finalizers = namespace.metadata.finalizers ?? [];
      if (namespace.metadata.deletionTimestamp === undefined) {
        if (!finalizers.includes(FINALIZER)) await setFinalizers(store, namespace, [...finalizers, FINALIZER]);
        return;
      }
      if (!finalizers.includes(FINALIZER)) return;
      if (await empty(store, name))
        await setFinalizers(
          store,
          namespace,
          finalizers.filter((finalizer) => finalizer !== FINALIZER),
        );
      else queue.addAt(name, clock.now() + LOOK_AGAIN_MS);
    },
  });
  await namespaces.start();
  queue.begin();
  return {
    get depth() {
      return queue.depth;
    },
    async close() {
      await namespaces.close();
      await queue.close();
    },
  };
}

/** Deletes everything in a namespace. `false`: something is held there by finalizers of others. */
async function empty(store: Store, namespace: string): Promise<boolean> {
  for (const kind of namespacedKinds) {
    const { items } = await store.list(kind, { namespace });
    await Promise.all(items.map(({ metadata: { name } }) => store.delete({ kind, namespace, name })));
  }
  const left = await Promise.all(namespacedKinds.map((kind) => store.list(kind, { namespace, limit: 1 })));
  return left.every(({ items }) => items.length === 0);
}

async function setFinalizers(store: Store, { metadata }: Stored<KubeObject>, finalizers: readonly string[]): Promise<void> {
  // Tied to the version: finalizers of others must not be lost.
  const { name, resourceVersion } = metadata;
  const patch = { metadata: { resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } };
  await unlessOutdated(store.patch({ kind: 'Namespace', name }, patch));
}
