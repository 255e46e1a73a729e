import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import { podVerdict } from '../../src/tasks/pod-verdict.ts';
import { resultsFailure } from '../../src/tasks/results-failure.ts';
import { type StartFailure, startFailure } from '../../src/tasks/start-failure.ts';
import {
  type ClusterUnderTest,
  clusterName,
  clusterUnavailable,
  clusterUnderTest,
  skippedBecause,
} from '../support/kubelet/cluster-under-test.ts';
import { runtimeIn } from '../support/kubelet/runtime-in.ts';
import { hasEnded, materials, outcomes, pod, readLog, type TestPod, until } from './runtime-support.ts';

const stuckness = (one: PodObservation): StartFailure | undefined => startFailure('run', one, defaultEngineConfig, Date.now());

/** What only a cluster's pods have. */
describe.skipIf(clusterUnavailable !== undefined)(`steps in pods of ${clusterName}${skippedBecause}`, () => {
  let cluster: ClusterUnderTest;
  let runtime: KubernetesRuntime;
  beforeAll(async () => {
    cluster = await clusterUnderTest();
    runtime = runtimeIn(cluster, 'init-container');
  });
  afterAll(async () => {
    await runtime?.close();
    await cluster?.close();
  });

  /** Runs a pod until it is as asked, and removes it. */
  async function seen(
    plan: TestPod,
    fits: (one: PodObservation) => boolean,
  ): Promise<{ readonly pod: PodObservation; readonly log: string }> {
    await runtime.start(pod(plan), materials());
    const found = await until(runtime, plan.uid, fits);
    const log = await readLog(runtime, plan.uid, `step-${plan.steps[0]?.name}`);
    await runtime.stop(plan.uid, { graceMs: 0 });
    await runtime.remove(plan.uid);
    return { pod: found, log };
  }

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
            // Of the shell as it was started: not every shell hands on what it cannot name.
            sh: `tr '\\0' '\\n' < /proc/$$/environ | grep '^my.var='; printf '{"outputs":[{"name":"o","values":[{"uri":"u"}]}]}' > /tekton/steps/step-one/artifacts/provenance.json; exit 3`,
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
      (one) => stuckness(one) !== undefined,
    );
    expect(stuckness(stuck.pod)).toMatchObject({ reason: 'SidecarFailed', message: expect.stringContaining('exit code 3') });
  });
});

const patient = { initialDelayMs: 0, periodMs: 1_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 100 };
