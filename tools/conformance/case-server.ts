import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { KubeError } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { StoreError } from '../../src/ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../../src/resources/object.ts';
import { KubernetesStore } from '../../src/stores/kubernetes/kubernetes-store.ts';
import { startServer } from '../../test/support/test-server.ts';

/** What runs cases: where their objects are created and looked at. */
export interface CaseServer {
  readonly client: {
    create(object: KubeObject, kind: GroupKind): Promise<{ readonly object: Stored }>;
    get(kind: GroupKind, namespace: string | undefined, name: string): Promise<Stored | undefined>;
    list(kind: GroupKind, namespace: string): Promise<{ readonly items: readonly Stored[] }>;
  };
  log(): string;
  /** Whether the API completes and refuses what is created, as admission does. */
  readonly admits: boolean;
  /** Images are asked for by their last name alone, behind this. */
  readonly plainImages?: string | undefined;
  stop(): Promise<unknown>;
}

export async function embeddedServer(dataDir: string, flags: readonly string[]): Promise<CaseServer> {
  const server = await startServer(dataDir, flags);
  return { client: server.client, log: () => server.log(), admits: true, stop: () => server.stop() };
}

/** The same program on a cluster; cases are created there directly, as users do. */
export async function clusterServer(
  dataDir: string,
  kubeconfig: string,
  flags: readonly string[],
  plainImages: string | undefined,
): Promise<CaseServer> {
  const api = createKubeClient(await loadKubeconfig({ file: kubeconfig }), { clock: systemClock, qps: 200, burst: 400 });
  const store = new KubernetesStore({ client: api, clock: systemClock });
  const server = await startServer(dataDir, ['--cluster', '--kubeconfig', kubeconfig, ...flags]);
  return {
    client: {
      create: async (object) => ({ object: await store.create(object).catch(refused) }),
      get: (kind, namespace, name) => store.get({ kind, namespace, name }),
      list: (kind, namespace) => store.list(kind, { namespace }),
    },
    log: () => server.log(),
    admits: false,
    plainImages,
    async stop() {
      await server.stop();
      await store.close();
      api.close();
    },
  };
}

function refused(error: unknown): never {
  if (!(error instanceof StoreError)) throw error;
  throw new KubeError(422, error.code, error.message);
}
