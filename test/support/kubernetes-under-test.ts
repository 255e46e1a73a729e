import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { type KubeClient, KubeError } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import { resourceTypes } from '../../src/resources/registry.ts';
import { createApi } from '../../src/server/api.ts';
import { listen } from '../../src/server/listen.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from './counting-ids.ts';
import { connectionTo } from './kube-connection.ts';
import { silentLogger } from './silent-logger.ts';

export interface KubernetesUnderTest {
  readonly client: KubeClient;
  /** Of the test's own, there already, in the order of their names. */
  readonly namespaces: readonly [string, string];
  /** Whether it is a real one, with controllers of its own. */
  readonly real: boolean;
  close(): Promise<void>;
}

/** A real cluster, where `TAPPET_TEST_KUBECONFIG` names one. */
export const realCluster: string | undefined = process.env['TAPPET_TEST_KUBECONFIG'];

let applied: Promise<void> | undefined;

/** Our own API over the memory store: what CI has. */
export async function embeddedKubernetes(): Promise<KubernetesUnderTest> {
  const stores = openMemory({ clock: systemClock, ids: countingIds() });
  const api = createApi({
    store: stores.store,
    journal: stores.journal,
    resourceTypes,
    admit: (raw, unknownFields) => admit(raw, defaultEngineConfig, undefined, unknownFields),
    podLogs: async function* () {},
    clock: systemClock,
    logger: silentLogger,
    version: 'test',
    access: { allowedHosts: [] },
  });
  const server = await listen({ handler: api.app, host: '127.0.0.1', port: 0, name: 'api', portOption: '--api', requestTimeoutMs: 0 });
  const client = createKubeClient(connectionTo(server.url), { clock: systemClock, qps: 10_000, burst: 10_000 });
  const namespaces = await newNamespaces(client);
  return {
    client,
    namespaces,
    real: false,
    async close() {
      client.close();
      api.close();
      await server.close(1_000);
      await stores.close();
    },
  };
}

/** The cluster that `TAPPET_TEST_KUBECONFIG` names, our kinds in it, a namespace of the test's own. */
export async function realKubernetes(): Promise<KubernetesUnderTest> {
  const connection = await loadKubeconfig({ file: realCluster ?? '' });
  const client = createKubeClient(connection, { clock: systemClock, qps: 1_000, burst: 1_000 });
  // Once a process: they are many, and the same for everybody.
  applied ??= applyCustomResources(client);
  await applied;
  const namespaces = await newNamespaces(client);
  return {
    client,
    namespaces,
    real: true,
    async close() {
      for (const name of namespaces) await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
      client.close();
    },
  };
}

async function newNamespaces(client: KubeClient): Promise<readonly [string, string]> {
  const base = `tappet-test-${randomBytes(4).toString('hex')}`;
  const names = [`${base}-a`, `${base}-b`] as const;
  for (const name of names)
    await client.request({ method: 'POST', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
  return names;
}

async function applyCustomResources(client: KubeClient): Promise<void> {
  const folder = join(import.meta.dirname, '../../charts/tappet/crds');
  for (const file of readdirSync(folder)) {
    const crd = parse(readFileSync(join(folder, file), 'utf8'));
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
    const query = { fieldManager: 'tappet-test', force: 'true' };
    await client.request({ method: 'PATCH', path, query, body: crd, contentType: 'application/apply-patch+yaml' });
  }
  // A kind is served a moment after it is known.
  for (const path of ['/apis/tekton.dev/v1/pipelineruns', '/apis/tappet.dev/v1alpha1/schedules']) {
    for (;;) {
      const answer = await client.request({ method: 'GET', path, query: { limit: '1' } }).catch((error: unknown) => error);
      if (!(answer instanceof KubeError && answer.code === 404)) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
