import { hostname } from 'node:os';
import { sparingPace } from '../controllers/pace.ts';
import { startRunActionController } from '../controllers/run-action-controller.ts';
import type { KubeConnection } from '../kube/connection.ts';
import { createKubeClient } from '../kube/create-kube-client.ts';
import { inCluster } from '../kube/in-cluster.ts';
import { type KubeClient, KubeError } from '../kube/kube-client.ts';
import { KubeconfigError } from '../kube/kubeconfig.ts';
import { loadKubeconfig } from '../kube/load-kubeconfig.ts';
import { withRule } from '../kube/missing-rule.ts';
import { pause } from '../kube/rate-limit.ts';
import { chosenReplica } from '../kube/rendezvous.ts';
import { Replicas } from '../kube/replicas.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import { KubernetesRuntime } from '../runtimes/kubernetes/kubernetes-runtime.ts';
import { journalOver } from '../stores/kubernetes/journal-over.ts';
import { KubernetesStore } from '../stores/kubernetes/kubernetes-store.ts';
import { scopedStore } from '../stores/shared/scoped-store.ts';
import { storeView } from '../stores/shared/store-view.ts';
import { openSqlite } from '../stores/sqlite/open-sqlite.ts';
import { authenticateBy } from './authenticate-by.ts';
import { checkAlone } from './check-alone.ts';
import { completed } from './completed.ts';
import type { GroundFacts } from './embedded-ground.ts';
import { entrypointDelivery } from './entrypoint-delivery.ts';
import type { Ground, Work, WorkParts } from './ground.ts';
import { imageLookup } from './look-up-image.ts';
import { engineConfig, type Settings } from './settings.ts';
import { ShardedEngine } from './sharded-engine.ts';
import { sharedRuntime } from './shared-runtime.ts';
import { startEngine } from './start-engine.ts';
import { StartError } from './start-error.ts';
import { steadyClock } from './steady-clock.ts';

/** How long what is in hand may hold up those who take over. */
const IN_HAND_MS = 500;

/** Resources and pods of a Kubernetes cluster; events in SQLite on this replica's own volume. */
export async function clusterGround(settings: Settings, facts: GroundFacts & { readonly http: Http }): Promise<Ground> {
  const { clock, ids, logger, http } = facts;
  const { kubernetes } = settings;
  const connection = await connect(settings);
  const client = createKubeClient(connection, { clock, qps: kubernetes.qps, burst: kubernetes.burst });
  // Its own: a renewal must not stand in line behind a thousand runs.
  const leaseClient = createKubeClient(connection, { clock: steadyClock });
  await checkServer(client);
  if (settings.runs === 'tappet' && !kubernetes.besideTekton) await checkAlone(client, logger);
  const delivery = await entrypointDelivery(kubernetes.entrypointDelivery, client);
  const raw = new KubernetesStore({ client, clock });
  const scoped = kubernetes.namespaces.length === 0 ? raw : scopedStore(raw, kubernetes.namespaces);
  const config = engineConfig(settings);
  const as = completed(config);
  const store = storeView(scoped, { as });
  const { journal: local, close } = await openSqlite(settings.dataDir, facts);
  const journal = journalOver(local, (verdict) => {
    const account = verdict.verdict === 'matched' && kubernetes.impersonate ? verdict.account : undefined;
    return account === undefined ? raw : raw.as(`system:serviceaccount:${account.replace('/', ':')}`);
  });
  const runtime = new KubernetesRuntime({
    client,
    clock,
    logger,
    namespaces: kubernetes.namespaces,
    settings: {
      toolsImage: kubernetes.entrypointImage,
      delivery,
      restrictsOwnContainers: true,
      readOnlyRoot: true,
      containerDefaults: config['default-container-resource-requirements'],
    },
    lookUpImage: imageLookup({ http, store, clock }),
  });
  let replicas: Replicas | undefined;

  async function startWork({ execute }: WorkParts): Promise<Work> {
    const engine = new ShardedEngine({
      clock,
      logger,
      start: async (owns) => {
        const own = storeView(scoped, { as, shows: ({ metadata: { namespace } }) => namespace === undefined || owns(namespace) });
        const running =
          execute === undefined
            ? undefined
            : await startEngine({ ...execute, store: own, runtime: sharedRuntime(runtime), pace: sparingPace });
        const actions = await startRunActionController({ store: own, clock, logger });
        return {
          async close() {
            await actions.close();
            await running?.close();
          },
        };
      },
    });
    let sharing: Promise<void> = Promise.resolve();
    const identity = kubernetes.identity ?? process.env['POD_NAME'] ?? hostname();
    const shares = new Replicas({
      client: leaseClient,
      clock: steadyClock,
      logger,
      namespace: kubernetes.namespace ?? process.env['POD_NAMESPACE'] ?? 'default',
      group: kubernetes.group,
      identity,
      process: ids.uuid(),
      onChange: () => {
        const { members } = shares;
        logger.info('replicas that share the work', { members });
        sharing = engine.share((namespace) => chosenReplica(namespace, members) === identity);
      },
    });
    replicas = shares;
    await shares.start().catch((error: unknown) => {
      throw new StartError('NoLease', `the replicas' leases cannot be had: ${withRule(error)}`, { cause: error });
    });
    // By what it has just seen; to say it once more would end that engine and start another.
    await sharing;
    let leaving: Promise<void> | undefined;
    const handOver = (): Promise<void> => {
      leaving ??= leave(engine, shares, clock);
      return leaving;
    };
    return {
      handOver,
      async close() {
        await handOver();
        await engine.close();
      },
    };
  }

  return {
    store,
    journal,
    runtime,
    resourceTypes: [],
    cluster: client.server,
    mayListSecrets: false,
    stepsRunIn: 'as pods of the cluster',
    firesSchedulesOf: (namespace) => replicas?.owns(namespace) ?? false,
    startWork,
    startAccess: async (ownToken) => ({ authenticate: authenticateBy(ownToken), close: async () => {} }),
    async close() {
      await runtime.close();
      await store.close();
      await close();
      leaseClient.close();
      client.close();
    },
  };
}

/** Others begin when the Lease is gone: best after what is in hand here is done, but they do not wait for what takes long. */
async function leave(engine: ShardedEngine, shares: Replicas, clock: Clock): Promise<void> {
  await Promise.race([engine.close(), pause(clock, IN_HAND_MS)]);
  await shares.close();
}

async function connect({ kubernetes: { kubeconfig, context } }: Settings): Promise<KubeConnection> {
  try {
    const outside = kubeconfig !== undefined || context !== undefined || process.env['KUBERNETES_SERVICE_HOST'] === undefined;
    return outside ? await loadKubeconfig({ file: kubeconfig, context }) : await inCluster();
  } catch (error) {
    if (error instanceof KubeconfigError) throw new StartError('NoCluster', error.message, { cause: error });
    throw error;
  }
}

/** Without its kinds the server would do nothing, and say so in every log line. */
async function checkServer(client: KubeClient): Promise<void> {
  try {
    await client.request({ method: 'GET', path: '/apis/tekton.dev/v1' });
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.code === 404)
      throw new StartError(
        'NoCustomResources',
        `${client.server} does not know Tekton's kinds: apply the CRDs in charts/tappet/crds first`,
      );
    throw new StartError('NoCluster', error.message, { cause: error });
  }
}
