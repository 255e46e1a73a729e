import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDone } from '../../src/controllers/is-done.ts';
import { sparingPace } from '../../src/controllers/pace.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { completed } from '../../src/main/completed.ts';
import { startEngine } from '../../src/main/start-engine.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import { KubernetesStore } from '../../src/stores/kubernetes/kubernetes-store.ts';
import { storeView } from '../../src/stores/shared/store-view.ts';
import { type RecordingProxy, startRecordingProxy } from '../bench/support/recording-proxy.ts';
import { connectionTo } from '../support/kube-connection.ts';
import {
  type ClusterUnderTest,
  clusterName,
  clusterUnavailable,
  clusterUnderTest,
  skippedBecause,
} from '../support/kubelet/cluster-under-test.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** Of the engine, from a run's creation until it has nothing left to say of it, watches left out. */
const MOST_REQUESTS_OF_THREE_TASKS = 40;

describe.skipIf(clusterUnavailable !== undefined)(`a PipelineRun on ${clusterName}${skippedBecause}`, () => {
  let cluster: ClusterUnderTest;
  let proxy: RecordingProxy;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    proxy = await startRecordingProxy(cluster.connection);
  });
  afterAll(async () => {
    await proxy?.close();
    await cluster?.close();
  });

  it('hands results and files from task to task, and asks the API no more often than it may', async () => {
    const { namespace, store: users } = cluster;
    const client = createKubeClient(connectionTo(proxy.url), { clock: systemClock });
    const own = new KubernetesStore({ client, clock: systemClock });
    const runtime = new KubernetesRuntime({
      client,
      clock: systemClock,
      logger: silentLogger,
      namespaces: [namespace],
      settings: { toolsImage: 'busybox', delivery: 'init-container', restrictsOwnContainers: true, readOnlyRoot: true },
      lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
    });
    const store = storeView(own, { as: completed(defaultEngineConfig), shows: ({ metadata }) => metadata.namespace === namespace });
    const engine = await startEngine({
      store,
      runtime,
      clock: systemClock,
      logger: silentLogger,
      config: defaultEngineConfig,
      pace: sparingPace,
    });
    try {
      proxy.reset();
      const run = await ended(await users.create(threeTasks(namespace)));
      expect(run['status']).toMatchObject({
        conditions: [
          { type: 'Succeeded', status: 'True', reason: 'Succeeded', message: 'Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 0' },
        ],
        results: [{ name: 'sum', value: 'hello, cluster!' }],
      });
    } finally {
      await engine.close();
      await runtime.close();
      await own.close();
      client.close();
    }
    const counts = [...proxy.counts()].filter(([what]) => !what.startsWith('watch '));
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    expect(total, counts.map(([what, count]) => `${count} ${what}`).join(', ')).toBeLessThanOrEqual(MOST_REQUESTS_OF_THREE_TASKS);
  });

  function threeTasks(namespace: string): KubeObject {
    const step = (script: string): object => ({ name: 'one', image: 'busybox', script: `#!/bin/sh\nset -e\n${script}\n` });
    const results = [{ name: 'text' }];
    const params = [{ name: 'text' }];
    const greet = { name: 'greet', taskSpec: { results, steps: [step('printf hello > $(results.text.path)')] } };
    const join = {
      name: 'join',
      params: [{ name: 'text', value: '$(tasks.greet.results.text)' }],
      taskSpec: {
        params,
        results,
        steps: [
          step('printf "%s, " "$(params.text)" > /workspace/text'),
          { ...step('printf "%scluster" "$(cat /workspace/text)" > $(results.text.path)'), name: 'two' },
        ],
      },
    };
    const end = {
      name: 'end',
      params: [{ name: 'text', value: '$(tasks.join.results.text)' }],
      taskSpec: { params, results, steps: [step('printf "%s!" "$(params.text)" > $(results.text.path)')] },
    };
    const pipelineSpec = { tasks: [greet, join, end], results: [{ name: 'sum', value: '$(tasks.end.results.text)' }] };
    return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'three', namespace }, spec: { pipelineSpec } };
  }

  async function ended({ metadata: { name, resourceVersion } }: Stored): Promise<Stored> {
    const { namespace, store: users } = cluster;
    const watch = users.watch<PipelineRun>('tekton.dev/PipelineRun', {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      resourceVersion,
    });
    for await (const { object } of watch) if (isDone(object)) return object;
    throw new Error('the watch ended before the run did');
  }
});
