import { expect, it, onTestFinished, vi } from 'vitest';
import { startEngine } from '../../src/main/start-engine.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { Condition, KubeObject } from '../../src/resources/object.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from '../support/counting-ids.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const step = { name: 'one', image: 'busybox', script: 'true' };
const volume = (source: object): object => ({ taskSpec: { steps: [step], volumes: [{ name: 'v', ...source }] } });

/** The condition of a TaskRun of that spec, on the real runtime, once it has ended. */
async function outcomeOf(spec: object): Promise<string> {
  const { store } = openMemory({ clock: systemClock, ids: countingIds() });
  const shared = { clock: systemClock, logger: silentLogger };
  const imageMap = [{ pattern: 'busybox', serves: 'host' }];
  const runtime = await createSandboxRuntime({ ...shared, dataDir: temporaryDirectory(), imageMap, isolation: 'process' });
  const engine = await startEngine({ ...shared, store, runtime, config: defaultEngineConfig });
  onTestFinished(async () => {
    await engine.close();
    await runtime.close();
  });
  const metadata = { name: 'run', namespace: 'default' };
  const admitted = admit({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec }, defaultEngineConfig);
  if (!admitted.ok) throw new Error(JSON.stringify(admitted.errors));
  await store.create(admitted.object);
  return vi.waitFor(async () => {
    const found: KubeObject | undefined = await store.get({ kind: 'tekton.dev/TaskRun', namespace: 'default', name: 'run' });
    const { conditions = [] } = (found?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
    const [{ status, reason, message } = { status: 'Unknown' }] = conditions;
    expect(status).not.toBe('Unknown');
    return `${status} ${reason}: ${message}`;
  }, 10_000);
}

it.each<[string, object, string]>([
  ['a volume of a cluster', volume({ nfs: { server: 's', path: '/' } }), 'volume "v": only a cluster can serve nfs'],
  [
    'a claim of a driver',
    { taskSpec: { steps: [step] }, workspaces: [{ name: 'w', csi: { driver: 'd' } }] },
    'only a cluster can serve csi',
  ],
  ['a token', volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }), 'got serviceAccountToken'],
  [
    'a folder of the machine',
    volume({ hostPath: { path: '/etc' } }),
    'hostPath /etc: not mounted here: none is allowed; the setting "hostPaths"',
  ],
  ['a ConfigMap that is not there', volume({ configMap: { name: 'gone' } }), 'configmap "gone" not found'],
  [
    'a key that is not there',
    { taskSpec: { steps: [{ ...step, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k' } } }] }] } },
    'secret "gone" not found',
  ],
  [
    'another machine',
    { ...volume({}), podTemplate: { nodeSelector: { 'kubernetes.io/os': 'plan9' } } },
    "didn't match Pod's node affinity/selector",
  ],
  [
    'another machine, by a param',
    {
      taskSpec: { params: [{ name: 'os' }], steps: [step] },
      params: [{ name: 'os', value: 'plan9' }],
      podTemplate: { nodeSelector: { 'kubernetes.io/os': '$(params.os)' } },
    },
    'the pod template wants "plan9"',
  ],
  [
    'an image that nothing stands for',
    volume({ image: { reference: 'registry.example/rules:1', pullPolicy: 'Always' } }),
    'volume "v": Back-off pulling image "registry.example/rules:1": nothing on this machine serves it',
  ],
])('ends at once with its reason: %s', async (_, spec, why) => {
  const outcome = await outcomeOf(spec);
  expect(outcome).toContain(
    'False CreateContainerConfigError: the step "one" in TaskRun "run" failed to start. The pod errored with the message: "',
  );
  expect(outcome).toContain(why);
});

it('starts where a param names this machine', async () => {
  const spec = {
    taskSpec: { params: [{ name: 'os' }], steps: [step] },
    params: [{ name: 'os', value: process.platform }],
    podTemplate: { nodeSelector: { 'kubernetes.io/os': '$(params.os)' } },
  };
  expect(await outcomeOf(spec)).toBe('True Succeeded: All Steps have completed executing');
});
