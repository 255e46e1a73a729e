import { afterAll, describe, expect, it } from 'vitest';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import { podVerdict, resultsFailure, startFailure } from '../../src/tasks/pod-verdict.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { hasEnded, materials, NAMESPACE, outcomes, pod, readLog, type TestPod, until } from './runtime-support.ts';

const kubeconfig = process.env['TAPPET_TEST_KUBECONFIG'];

/** What only a cluster's pods have, on a real one. */
describe.skipIf(kubeconfig === undefined)('steps in pods of a real cluster', () => {
  let opened: Promise<KubernetesRuntime> | undefined;
  const open = async (): Promise<KubernetesRuntime> => {
    const client = createKubeClient(await loadKubeconfig({ file: kubeconfig ?? '' }), { clock: systemClock });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await client.request({ method: 'POST', path: '/api/v1/namespaces', body: namespace }).catch(() => undefined);
    return new KubernetesRuntime({
      client,
      clock: systemClock,
      logger: silentLogger,
      namespaces: [NAMESPACE],
      settings: {
        toolsImage: process.env['TAPPET_TEST_ENTRYPOINT_IMAGE'] ?? 'busybox',
        delivery: 'init-container',
        restrictsOwnContainers: true,
        readOnlyRoot: true,
      },
      lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
    });
  };

  /** Runs a pod until it is as asked, and removes it. */
  async function seen(
    plan: TestPod,
    fits: (one: PodObservation) => boolean,
  ): Promise<{ readonly pod: PodObservation; readonly log: string }> {
    opened ??= open();
    const runtime = await opened;
    await runtime.start(pod(plan), materials());
    const found = await until(runtime, plan.uid, fits);
    const log = await readLog(runtime, plan.uid, `step-${plan.steps[0]?.name}`);
    await runtime.stop(plan.uid, { graceMs: 0 });
    await runtime.remove(plan.uid);
    return { pod: found, log };
  }

  afterAll(async () => {
    await (await opened)?.close();
  });

  it('have results by the log of a container of their own, however long', async () => {
    const big = 'x'.repeat(100_000);
    const { pod: ended } = await seen(
      {
        uid: 'log-0',
        results: ['r'],
        resultsLog: { maxLineBytes: 200_000 },
        steps: [
          { name: 'one', sh: 'yes x | head -n 100000 | tr -d "\\n" > /tekton/results/r' },
          { name: 'two', sh: 'printf own > /tekton/steps/step-two/results/mine', results: ['mine'] },
        ],
      },
      (one) => hasEnded(one) && !one.awaitsResults,
    );
    expect([ended.steps.map(({ taskResults, results }) => [taskResults, results]), podVerdict(ended, false).status]).toEqual([
      [
        [{ r: big }, {}],
        [{}, { mine: 'own' }],
      ],
      'True',
    ]);
    const { pod: large } = await seen(
      {
        uid: 'large-0',
        results: ['r'],
        resultsLog: { maxLineBytes: 64 },
        steps: [{ name: 'one', sh: 'yes | head -c 64 > /tekton/results/r' }],
      },
      (one) => hasEnded(one) && !one.awaitsResults,
    );
    expect(resultsFailure('run', large)?.reason).toBe('TaskRunResultLargerThanAllowedLimit');
  });

  it('find one another by place, get variables of every name and artifacts of earlier ones', async () => {
    const { pod: ended, log } = await seen(
      {
        uid: 'place-0',
        steps: [
          {
            name: 'one',
            sh: `env | grep '^my.var='; printf '{"outputs":[{"name":"o","values":[{"uri":"u"}]}]}' > /tekton/steps/step-one/artifacts/provenance.json; exit 3`,
            env: [{ name: 'my.var', value: 'kept' }],
            onError: 'continue',
          },
          { name: 'two', sh: `[ "$(cat /tekton/steps/0/exitCode)" = 3 ]; [ '$(steps.one.outputs.o)' = '[{"uri":"u"}]' ]` },
        ],
      },
      hasEnded,
    );
    expect([outcomes(ended), log]).toEqual([['one: 3, Continued', 'two: 0, Completed'], 'my.var=kept\n']);
  });

  it('do not wait for one that could not be started', async () => {
    const steps = [
      { name: 'one', sh: 'true', workingDir: '/bin/busybox' },
      { name: 'two', sh: 'true' },
    ];
    const { pod: failed } = await seen({ uid: 'start-0', steps }, (one) => podVerdict(one, false).status !== 'Unknown');
    expect(podVerdict(failed, false)).toMatchObject({ reason: 'StepFailed', message: '"step-one" exited with code 128: StartError' });
  });

  it('are given up for a sidecar that ends before it is ready', async () => {
    const sidecar = { name: 'db', sh: 'exit 3', readinessProbe: { check: { type: 'exec', command: ['false'] } as const, ...patient } };
    const stuck = await seen(
      { uid: 'crash-0', steps: [{ name: 'one', sh: 'true' }], sidecars: [sidecar] },
      (one) => startFailure('run', one) !== undefined,
    );
    expect(startFailure('run', stuck.pod)).toMatchObject({ reason: 'SidecarFailed', message: expect.stringContaining('exit code 3') });
  });
});

const patient = { initialDelayMs: 0, periodMs: 1_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 100 };
