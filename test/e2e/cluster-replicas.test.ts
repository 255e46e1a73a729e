import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { succeeded } from '../../src/cli/columns.ts';
import { chosenReplica } from '../../src/kube/rendezvous.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { KubernetesStore } from '../../src/stores/kubernetes/kubernetes-store.ts';
import { type KubernetesUnderTest, realCluster, realKubernetes } from '../support/kubernetes-under-test.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const RUN = 'tekton.dev/PipelineRun';

/** Two processes of the built program on a real cluster, a namespace for each; what becomes of the runs of one that goes. */
describe.skipIf(realCluster === undefined)(
  `replicas on a cluster${realCluster === undefined ? ' (skipped: TAPPET_TEST_KUBECONFIG names none)' : ''}`,
  () => {
    const data = mkdtempSync(join(tmpdir(), 'tappet-e2e-replicas-'));
    const servers = new Set<TestServer>();
    let cluster: KubernetesUnderTest;
    let store: Store;
    const stays = 'one';
    let goes: string;
    /** Of the replica that goes. */
    let namespace: string;

    beforeAll(async () => {
      cluster = await realKubernetes();
      store = new KubernetesStore({ client: cluster.client, clock: systemClock });
      const [own, other] = cluster.namespaces;
      namespace = other;
      // Names by which each gets one of the two namespaces.
      for (let n = 0; ; n++) {
        goes = `two-${n}`;
        if (chosenReplica(own, [stays, goes]) === stays && chosenReplica(other, [stays, goes]) === goes) break;
      }
    });
    afterEach(async () => {
      for (const server of servers) await server.stop('SIGKILL');
      servers.clear();
    });
    afterAll(async () => {
      await store?.close();
      await cluster?.close();
      rmSync(data, { recursive: true, force: true });
    });

    async function serve(identity: string): Promise<TestServer> {
      const entrypointImage = process.env['TAPPET_TEST_ENTRYPOINT_IMAGE'];
      const kubernetes = {
        kubeconfig: realCluster,
        namespace: cluster.namespaces[0],
        namespaces: cluster.namespaces,
        identity,
        ...(entrypointImage !== undefined && { entrypointImage }),
      };
      const config = join(data, `${identity}.json`);
      writeFileSync(config, JSON.stringify({ cluster: true, kubernetes }));
      const server = await startServer(join(data, identity), ['--config', config]);
      servers.add(server);
      return server;
    }

    async function begin(name: string, where = namespace): Promise<number> {
      const step = { name: 'wait', image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sleep', '2'] };
      const tasks = ['a', 'b', 'c'].map((task, index, all) => ({
        name: task,
        runAfter: all.slice(Math.max(0, index - 1), index),
        taskSpec: { steps: [step] },
      }));
      const spec = { pipelineSpec: { tasks }, taskRunTemplate: { podTemplate: { terminationGracePeriodSeconds: 1 } } };
      await store.create({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name, namespace: where }, spec });
      return Date.now();
    }

    /** Milliseconds from `since` until the run is as it should be. */
    async function until(name: string, status: 'seen' | 'True', since: number, where = namespace): Promise<number> {
      for (;;) {
        const run = await store.get({ kind: RUN, namespace: where, name });
        const condition = run && succeeded(run);
        if (status === 'seen' ? condition !== undefined : condition?.status === status) return Date.now() - since;
        if (condition?.status === 'False') expect(await statusesOf(name, where)).toEqual('a run that goes on');
        await pause(20);
      }
    }

    async function statusesOf(name: string, where: string): Promise<unknown> {
      const { items } = await store.list('tekton.dev/TaskRun', { namespace: where, labelSelector: `tekton.dev/pipelineRun=${name}` });
      return items.map(({ metadata, status }) => [metadata.name, status]);
    }

    /** Who shares the work, as this one said last. */
    function membersOf(server: TestServer): unknown {
      const said = server
        .log()
        .split('\n')
        .filter((line) => line.includes('replicas that share the work'));
      return JSON.parse(said.at(-1) ?? '{}').members;
    }

    async function countOf(kind: string, name: string, where = namespace): Promise<number> {
      const { items } = await store.list(kind, { namespace: where, labelSelector: `tekton.dev/pipelineRun=${name}` });
      return items.length;
    }

    it.each([
      ['SIGKILL', 'within the time of a Lease', 20_000],
      ['SIGTERM', 'at once', 3_000],
    ] as const)(
      'after %s the other one takes over %s; no run is lost, no pod doubled',
      async (signal, _when, withinMs) => {
        const [first, second] = [await serve(stays), await serve(goes)];
        const [before, beside, after] = ['before', 'beside', 'after'].map((when) => `${when}-${signal.toLowerCase()}`) as [
          string,
          string,
          string,
        ];
        expect(existsSync(join(data, stays, 'kubeconfig'))).toBe(false);
        await expect(first.client.list('tekton.dev/Task', 'default')).rejects.toThrow(/resources are those of the cluster/);
        const since = await begin(before);
        await begin(beside, cluster.namespaces[0]);
        await until(before, 'seen', since);
        await expect.poll(() => countOf('Pod', before), { timeout: 30_000 }).toBe(1);
        const signalled = Date.now();
        const ended = second.stop(signal);
        // By its own word, for the one that goes may still look at what is made at this moment.
        await expect.poll(() => membersOf(first), { timeout: withinMs, interval: 5 }).toEqual([stays]);
        await begin(after);
        const tookOverAfter = await until(after, 'seen', signalled);
        await ended;
        process.stdout.write(`taken over ${tookOverAfter} ms after ${signal}\n`);
        for (const [name, where] of [
          [before, namespace],
          [after, namespace],
          [beside, cluster.namespaces[0]],
        ] as const) {
          await until(name, 'True', signalled, where);
          expect([name, await countOf('tekton.dev/TaskRun', name, where), await countOf('Pod', name, where)]).toEqual([name, 3, 3]);
        }
        expect(tookOverAfter).toBeLessThan(withinMs);
      },
      180_000,
    );
  },
);
