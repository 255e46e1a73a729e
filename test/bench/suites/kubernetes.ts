import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { succeeded } from '../../../src/cli/columns.ts';
import { createKubeClient } from '../../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../../src/resources/object.ts';
import { KubernetesStore } from '../../../src/stores/kubernetes/kubernetes-store.ts';
import { startServer } from '../../support/test-server.ts';
import { median } from '../support/measure.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import type { BenchResult } from '../support/result.ts';

const RUN = 'tekton.dev/PipelineRun';
const image = process.env['TAPPET_TEST_ENTRYPOINT_IMAGE'];
const tools = image === undefined ? {} : { entrypointImage: image };
const ROUNDS = 5;

/**
 * What a run costs a cluster's API server, counted by a proxy between it and the engine; and what a TaskRun takes beyond a bare pod, one after the other on
 * the same kubelet. On the cluster that TAPPET_TEST_KUBECONFIG names, with our CRDs and an image `busybox` there; without one there is nothing to measure.
 */
export async function kubernetes(): Promise<readonly BenchResult[]> {
  const file = process.env['TAPPET_TEST_KUBECONFIG'];
  if (file === undefined) {
    process.stderr.write('  TAPPET_TEST_KUBECONFIG names no cluster: nothing is measured\n');
    return [];
  }
  const connection = await loadKubeconfig({ file });
  const client = createKubeClient(connection, { clock: systemClock, qps: 500, burst: 1_000 });
  const store = new KubernetesStore({ client, clock: systemClock });
  const proxy = await startRecordingProxy(connection);
  const folder = await mkdtemp(join(tmpdir(), 'tappet-bench-'));
  const namespace = `tappet-bench-${process.pid}`;
  await writeFile(join(folder, 'kubeconfig'), proxy.kubeconfig);
  await writeFile(
    join(folder, 'config.yaml'),
    JSON.stringify({ kubernetes: { group: namespace, identity: namespace, namespaces: [namespace], ...tools } }),
  );
  const flags = ['--cluster', '--kubeconfig', join(folder, 'kubeconfig'), '--config', join(folder, 'config.yaml'), '--log-level', 'error'];
  const server = await startServer(join(folder, 'data'), flags);
  try {
    await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await store.create({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'nothing', namespace },
      spec: { steps: [step] },
    } as KubeObject);
    await accountThere(store, namespace);
    const world: World = { store, proxy, namespace };
    await ended(world, await store.create(runOf(namespace, 1, true)));
    const three = await cost(world, 3, true);
    const fifty = await cost(world, 50, false);
    return [
      { what: 'API requests of a run of 3 tasks in sequence', value: three.count, unit: 'requests', budget: 30, note: three.note },
      { what: 'API requests of a run of 50 tasks in parallel', value: fifty.count, unit: 'requests', budget: 300, note: fifty.note },
      ...(await overhead(world)),
    ];
  } finally {
    await server.stop();
    await store.delete({ kind: 'Namespace', name: namespace });
    await proxy.close();
    await store.close();
    client.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface World {
  readonly store: KubernetesStore;
  readonly proxy: RecordingProxy;
  readonly namespace: string;
}

const step = { name: 'nothing', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['true'] };

function runOf(namespace: string, tasks: number, inSequence: boolean): KubeObject {
  const pipelineTasks = Array.from({ length: tasks }, (_, index) => ({
    name: `t${index}`,
    taskRef: { name: 'nothing' },
    ...(inSequence && index > 0 ? { runAfter: [`t${index - 1}`] } : {}),
  }));
  const metadata = { generateName: 'bench-', namespace };
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata, spec: { pipelineSpec: { tasks: pipelineTasks } } };
}

/** Requests from the run's creation to a little after its end, watches and the replica's own Lease left out. */
async function cost(world: World, tasks: number, inSequence: boolean): Promise<{ readonly count: number; readonly note: string }> {
  world.proxy.reset();
  await ended(world, await world.store.create(runOf(world.namespace, tasks, inSequence)));
  await pause(3_000);
  const counted = [...world.proxy.counts()].filter(([what]) => !what.startsWith('watch') && !what.endsWith(' leases'));
  const count = counted.reduce((sum, [, each]) => sum + each, 0);
  return {
    count,
    note: `upstream's controller: ${inSequence ? 103 : 964}; ${counted.map(([what, each]) => `${each} ${what}`).join(', ')}`,
  };
}

async function overhead({ store, namespace }: World): Promise<readonly BenchResult[]> {
  const [bare, ours]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await podSeconds(store, namespace, round));
    const started = performance.now();
    const metadata = { generateName: 'bench-', namespace };
    const taskRun = await store.create({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec: { taskSpec: { steps: [step] } } });
    await until(store, taskRun, (run) => succeeded(run)?.status === 'True');
    ours.push((performance.now() - started) / 1_000);
  }
  const beyond = median(ours) - median(bare);
  const note = `medians of ${ROUNDS}: bare pod until its phase says so ${median(bare).toFixed(2)} s, TaskRun ${median(ours).toFixed(2)} s; upstream: 0.8 to 1.0 s beyond`;
  return [{ what: 'a TaskRun of one step beyond a bare pod', value: beyond, unit: 's', budget: 0.15, note }];
}

async function podSeconds(store: KubernetesStore, namespace: string, round: number): Promise<number> {
  const started = performance.now();
  const container = { name: 'nothing', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['true'] };
  const metadata = { name: `bare-${round}`, namespace };
  const pod = await store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { restartPolicy: 'Never', containers: [container] } });
  await until(store, pod, (now) => (now['status'] as { readonly phase?: string } | undefined)?.phase === 'Succeeded');
  return (performance.now() - started) / 1_000;
}

async function ended({ store }: World, run: Stored): Promise<void> {
  const last = await until(store, run, (now) => ['True', 'False'].includes(succeeded(now)?.status ?? ''));
  if (succeeded(last)?.status !== 'True') throw new Error(`${RUN} ${run.metadata.name} failed: ${JSON.stringify(last['status'])}`);
}

/** By a watch, as upstream's figures were taken. */
async function until(store: KubernetesStore, object: Stored, isSo: (now: Stored) => boolean): Promise<Stored> {
  const { namespace, name, resourceVersion } = object.metadata;
  const watch = store.watch(groupKindOf(object), {
    namespace,
    fieldSelector: `metadata.name=${name}`,
    resourceVersion,
  });
  for await (const { object: now } of watch) if (isSo(now)) return now;
  throw new Error('the watch ended');
}

/** A namespace's default account is made a moment after it, and no pod is admitted before. */
async function accountThere(store: KubernetesStore, namespace: string): Promise<void> {
  while ((await store.get({ kind: 'ServiceAccount', namespace, name: 'default' })) === undefined) await pause(50);
}
