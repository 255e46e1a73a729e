import { type Keeper, type KeeperOptions, startClaimKeeper } from '../controllers/claim-keeper.ts';
import { startNamespaceKeeper } from '../controllers/namespace-keeper.ts';
import { startRunActionController } from '../controllers/run-action-controller.ts';
import type { Runtime } from '../ports/runtime.ts';

/**
 * What Kubernetes' own controllers do in a cluster and nobody does where there is none: claims are bound and freed, namespaces emptied. And
 * what RunActions ask for, whoever executes the runs.
 */
export async function startHousekeeping(options: KeeperOptions & { readonly runtime: Runtime }): Promise<Keeper> {
  const keepers = [await startClaimKeeper(options), await startNamespaceKeeper(options), await startRunActionController(options)];
  return {
    get depth() {
      return keepers.reduce((sum, keeper) => sum + keeper.depth, 0);
    },
    async close() {
      await Promise.all(keepers.map((keeper) => keeper.close()));
    },
  };
}
