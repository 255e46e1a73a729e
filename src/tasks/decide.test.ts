import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunSpec, TaskRunStatus } from '../resources/task-run/schema.ts';
import { decideTaskRun } from './decide.ts';
import type { TaskRunDecision, TaskRunFacts } from './decisions.ts';
import type { PodObservation, StepObservation } from './pod-observation.ts';

const start = Date.parse('2026-01-02T03:04:05Z');
const startTime = '2026-01-02T03:04:05Z';
const hour = 3_600_000;
const uid = '0b5c0c2e-0000-4000-8000-000000000001';
const oneStep: TaskSpec = { steps: [{ name: 'build', image: 'alpine', script: 'make' }] };

function taskRun(spec: TaskRunSpec = {}, status?: TaskRunStatus): TaskRun {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name: 'run', namespace: 'ns', uid, labels: { app: 'x' } },
    spec: { taskSpec: oneStep, timeout: '1h0m0s', serviceAccountName: 'default', ...spec },
    ...(status && { status }),
  };
}

function decide(run: TaskRun, now: number, facts: Partial<TaskRunFacts> = {}): readonly TaskRunDecision[] {
  return decideTaskRun({ taskRun: run, stepActions: new Map(), config: defaultEngineConfig, ...facts }, now);
}

function statusOf(decisions: readonly TaskRunDecision[]): TaskRunStatus | undefined {
  return decisions.find((decision) => decision.type === 'set-status')?.status;
}

function condition(status: 'True' | 'False' | 'Unknown', reason: string, message: string | undefined, lastTransitionTime = startTime) {
  return { type: 'Succeeded', status, reason, ...(message !== undefined && { message }), lastTransitionTime };
}

/** A run whose pod has been started. */
function running(spec: TaskRunSpec = {}, more: TaskRunStatus = {}): TaskRun {
  return taskRun(spec, {
    startTime,
    podName: 'run-pod',
    taskSpec: spec.taskSpec ?? oneStep,
    conditions: [condition('Unknown', 'Started', undefined)],
    ...more,
  });
}

function step(state: StepObservation['state'], terminationReason?: string, results: Record<string, string> = {}): StepObservation {
  return {
    name: 'build',
    container: 'step-build',
    imageId: 'alpine',
    state,
    ...(terminationReason && { terminationReason }),
    results,
    taskResults: {},
  };
}

function pod(changes: Partial<PodObservation>): PodObservation {
  return { uid: `${uid}-0`, phase: 'Running', steps: [], sidecars: [], ranBy: 'test', ...changes };
}

function ended(exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): StepObservation['state'] {
  return { type: 'terminated', exitCode, reason, startedAt: start + 1000, finishedAt: start + 2000 };
}

const succeeded = pod({ phase: 'Succeeded', steps: [step(ended(0), 'Completed')] });
const failed = pod({ phase: 'Failed', steps: [step(ended(3), 'Error')] });
const runningPod = pod({ steps: [step({ type: 'running', startedAt: start + 1000 })] });

describe('a TaskRun whose pod was started by a server that died before it could say so', () => {
  it('says so now, and asks for the same pod again, before what came of it is read', () => {
    expect(decide(taskRun(), start, { pod: succeeded })).toEqual(decide(taskRun(), start));
  });

  it('has that pod stopped when its task has gone meanwhile', () => {
    const decisions = decide(taskRun({ taskSpec: undefined, taskRef: { name: 'gone' } }), start, {
      pod: runningPod,
      task: { type: 'missing', message: 'tasks.tekton.dev "gone" not found' },
    });
    expect(decisions.map(({ type }) => type)).toEqual(['set-status', 'stop-pod']);
    expect(statusOf(decisions)?.conditions?.[0]?.reason).toBe('TaskRunResolutionFailed');
  });
});

describe('a new TaskRun', () => {
  it('is started: status first, then the pod, then its timeout', () => {
    const decisions = decide(taskRun(), start);
    expect(decisions).toEqual([
      {
        type: 'set-status',
        status: { startTime, podName: 'run-pod', taskSpec: oneStep, conditions: [condition('Unknown', 'Started', undefined)] },
      },
      {
        type: 'start-pod',
        plan: {
          uid: `${uid}-0`,
          name: 'run-pod',
          namespace: 'ns',
          labels: {
            app: 'x',
            'tekton.dev/taskRun': 'run',
            'tekton.dev/taskRunUID': uid,
            'app.kubernetes.io/managed-by': 'tekton-pipelines',
          },
          annotations: {},
          serviceAccountName: 'default',
          volumes: [],
          steps: [
            {
              name: 'build',
              container: 'step-build',
              image: 'alpine',
              script: '#!/bin/sh\nset -e\nmake',
              args: [],
              env: [],
              envFrom: [],
              mounts: [],
              onError: 'stopAndFail',
              results: [],
              when: [],
            },
          ],
          sidecars: [],
          deadlineSeconds: 5400,
          results: [],
        },
      },
      { type: 'check-again-at', at: start + hour + 1 },
    ]);
  });

  it('asks for the pod again while nobody has seen it, and writes nothing', () => {
    expect(decide(running(), start + 5000).map(({ type }) => type)).toEqual(['start-pod', 'check-again-at']);
  });

  it('waits without a start time while pending', () => {
    expect(decide(taskRun({ status: 'TaskRunPending' }), start)).toEqual([
      { type: 'set-status', status: { conditions: [condition('Unknown', 'TaskRunPending', 'TaskRun "run" is pending')] } },
    ]);
  });

  it("is left alone when it is another controller's", () => {
    expect(decide(taskRun({ managedBy: 'example.com/x' }), start)).toEqual([]);
    expect(decide(taskRun({ managedBy: 'tekton.dev/pipeline' }), start)).toEqual(decide(taskRun(), start));
  });

  it('has no deadline with a timeout of 0, and the default one without', () => {
    expect(decide(taskRun({ timeout: '0s' }), start).some(({ type }) => type === 'check-again-at')).toBe(false);
    expect(decide(taskRun({ timeout: undefined }), start).at(-1)).toEqual({ type: 'check-again-at', at: start + hour + 1 });
  });

  it('asks for claims before the pod', () => {
    const run = taskRun({
      workspaces: [
        {
          name: 'data',
          volumeClaimTemplate: { metadata: { name: 'cache', labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'] } },
        },
      ],
    });
    const [claim, , pod] = decide(run, start);
    expect(claim).toEqual({
      type: 'create-claim',
      claim: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: 'cache-190f4eadf3',
          namespace: 'ns',
          labels: { a: 'b' },
          ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name: 'run', uid, controller: true, blockOwnerDeletion: true }],
        },
        spec: { accessModes: ['ReadWriteOnce'] },
      },
    });
    expect(pod?.type === 'start-pod' && pod.plan.volumes).toEqual([
      { type: 'persistentVolumeClaim', name: 'ws-d872e', claimName: 'cache-190f4eadf3', readOnly: false },
    ]);
  });
});

describe('a TaskRun that refers to a Task', () => {
  const run = taskRun({ taskSpec: undefined, taskRef: { name: 'compile', kind: 'Task' } });
  const task = {
    apiVersion: 'tekton.dev/v1' as const,
    kind: 'Task' as const,
    metadata: {
      name: 'compile',
      labels: { app: 'ignored', team: 'a' },
      annotations: { note: 'n', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    spec: { steps: [{ name: 'build', image: 'alpine', args: ['$(context.task.name)'] }] },
  };

  it('takes over its labels, annotations and spec', () => {
    const [metadata, status] = decide(run, start, { task: { type: 'found', object: task } });
    expect(metadata).toEqual({ type: 'set-metadata', labels: { team: 'a', 'tekton.dev/task': 'compile' }, annotations: { note: 'n' } });
    expect(status).toMatchObject({
      type: 'set-status',
      status: { taskSpec: { steps: [{ name: 'build', image: 'alpine', args: ['compile'] }] } },
    });
  });

  it('waits while it is fetched', () => {
    expect(decide(run, start, { task: { type: 'pending' } })).toEqual([
      {
        type: 'set-status',
        status: { startTime, conditions: [condition('Unknown', 'ResolvingTaskRef', 'TaskRun ns/run awaiting remote resource')] },
      },
      { type: 'check-again-at', at: start + hour + 1 },
    ]);
  });

  it('fails when there is none', () => {
    const missing = { type: 'missing', message: 'tasks.tekton.dev "compile" not found' } as const;
    expect(decide(run, start, { task: missing })).toEqual([
      {
        type: 'set-status',
        status: {
          startTime,
          completionTime: startTime,
          conditions: [
            condition('False', 'TaskRunResolutionFailed', 'error when listing tasks for taskRun run: tasks.tekton.dev "compile" not found'),
          ],
        },
      },
    ]);
  });

  it('needs neither Task nor StepAction again once its pod has a name', () => {
    const embedded = running({ taskSpec: { steps: [{ name: 'build', ref: { name: 'act' } }] } }, { taskSpec: oneStep });
    expect(decide(embedded, start).map(({ type }) => type)).toEqual(['start-pod', 'check-again-at']);
  });

  it('uses what the status keeps once it is there', () => {
    const kept = {
      ...run,
      status: { startTime, podName: 'run-pod', taskSpec: oneStep, conditions: [condition('Unknown', 'Started', undefined)] },
    };
    expect(decide(kept, start).map(({ type }) => type)).toEqual(['start-pod', 'check-again-at']);
  });
});

describe('a TaskRun whose pod is seen', () => {
  it('shows it', () => {
    expect(statusOf(decide(running(), start + 1500, { pod: runningPod }))).toEqual({
      startTime,
      podName: 'run-pod',
      taskSpec: oneStep,
      conditions: [condition('Unknown', 'Running', 'Not all Steps in the Task have finished executing', '2026-01-02T03:04:06Z')],
      steps: [{ name: 'build', container: 'step-build', imageID: 'alpine', running: { startedAt: '2026-01-02T03:04:06Z' } }],
    });
  });

  it('writes nothing when nothing is new, and keeps the transition time when only steps are', () => {
    const seen = { ...running(), status: statusOf(decide(running(), start + 1500, { pod: runningPod })) };
    expect(decide(seen, start + 9000, { pod: runningPod })).toEqual([{ type: 'check-again-at', at: start + hour + 1 }]);
    const later = pod({ steps: [step(ended(0), 'Completed'), step({ type: 'running', startedAt: start + 3000 })] });
    expect(statusOf(decide(seen, start + 9000, { pod: later }))?.conditions).toEqual(seen.status?.conditions);
  });

  it('succeeds', () => {
    expect(decide(running(), start + 3999, { pod: succeeded })).toEqual([
      {
        type: 'set-status',
        status: {
          startTime,
          completionTime: '2026-01-02T03:04:08Z',
          podName: 'run-pod',
          taskSpec: oneStep,
          artifacts: {},
          conditions: [condition('True', 'Succeeded', 'All Steps have completed executing', '2026-01-02T03:04:08Z')],
          steps: [
            {
              name: 'build',
              container: 'step-build',
              imageID: 'alpine',
              terminated: { exitCode: 0, reason: 'Completed', startedAt: '2026-01-02T03:04:06Z', finishedAt: '2026-01-02T03:04:07Z' },
              terminationReason: 'Completed',
            },
          ],
        },
      },
    ]);
  });

  it('stops sidecars once its steps have ended, and shows them stopped', () => {
    const sidecar = { name: 'db', container: 'sidecar-db', imageId: 'db', state: { type: 'running', startedAt: start } } as const;
    const ends = pod({ steps: [step(ended(0), 'Completed')], sidecars: [sidecar] });
    const decisions = decide(running(), start + 3000, { pod: ends });
    expect(decisions.map(({ type }) => type)).toEqual(['set-status', 'stop-pod']);
    const done = { ...running(), status: statusOf(decisions) };
    expect(decide(done, start + 4000, { pod: ends })).toEqual([{ type: 'stop-pod', uid: `${uid}-0` }]);
    const stopped = pod({ phase: 'Succeeded', steps: ends.steps, sidecars: [{ ...sidecar, state: ended(143) }] });
    expect(statusOf(decide(done, start + 5000, { pod: stopped }))?.sidecars).toEqual([
      {
        name: 'db',
        container: 'sidecar-db',
        imageID: 'db',
        terminated: {
          exitCode: 143,
          reason: 'Completed',
          message: 'Sidecar container successfully stopped by nop image',
          startedAt: '2026-01-02T03:04:06Z',
          finishedAt: '2026-01-02T03:04:07Z',
        },
      },
    ]);
  });

  it('calls a failure ignored when the pipeline task goes on', () => {
    const run = running();
    const ignored = { ...run, metadata: { ...run.metadata, annotations: { 'pipeline.tekton.dev/pipeline-task-on-error': 'continue' } } };
    expect(statusOf(decide(ignored, start + 3000, { pod: failed }))?.conditions).toEqual([
      condition('False', 'FailureIgnored', '"step-build" exited with code 3: Error', '2026-01-02T03:04:08Z'),
    ]);
  });

  it('fails when a result is not what the task declares', () => {
    const taskSpec: TaskSpec = {
      ...oneStep,
      results: [
        { name: 'list', type: 'array' },
        { name: 'text', type: 'string' },
      ],
    };
    const wrote = { ...step(ended(0), 'Completed'), taskResults: { list: 'no', text: '[1]\n' } };
    const status = statusOf(decide(running({ taskSpec }), start + 3000, { pod: pod({ phase: 'Succeeded', steps: [wrote] }) }));
    expect(status?.results).toEqual([{ name: 'text', type: 'string', value: '[1]\n' }]);
    expect(status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'TaskRunValidationFailed',
      message:
        '[User error] Provided results don\'t match declared results; may be invalid JSON or missing result declaration:  "list": task result is expected to be "array" type but was initialized to a different type "string"',
    });
  });

  it('fails at once where a container will never start', () => {
    const waiting = pod({ phase: 'Pending', steps: [step({ type: 'waiting', reason: 'InvalidImageName', message: 'gone' })] });
    const decisions = decide(running(), start + 1000, { pod: waiting });
    const message = 'the step "build" in TaskRun "run" failed to pull the image "alpine". The pod errored with the message: "gone."';
    expect(statusOf(decisions)?.conditions).toEqual([condition('False', 'TaskRunImagePullFailed', message, '2026-01-02T03:04:06Z')]);
    expect(decisions.at(-1)).toEqual({ type: 'stop-pod', uid: `${uid}-0` });
  });

  it('looks again when a container has had its time', () => {
    const steps = [step({ type: 'waiting', reason: 'ImagePullBackOff', message: 'gone' })];
    const config = { ...defaultEngineConfig, 'default-imagepullbackoff-timeout': '2m' };
    const decisions = decide(running(), start + 1000, { pod: pod({ phase: 'Pending', containersDueAt: start, steps }), config });
    expect(statusOf(decisions)?.conditions?.[0]).toMatchObject({ status: 'Unknown', reason: 'PullImageFailed' });
    expect(decisions.at(-1)).toEqual({ type: 'check-again-at', at: start + 120_000 });
  });

  it('has not begun while a quota keeps its pod from being made', () => {
    const held = pod({ phase: 'Pending', reason: 'ExceededResourceQuota', message: 'exceeded quota: few', steps: [] });
    const late = start + 2 * 3_600_000;
    const decisions = decide(running(), late, { pod: held });
    const status = statusOf(decisions);
    expect(status?.startTime).toBeUndefined();
    expect(status?.conditions?.[0]).toMatchObject({
      status: 'Unknown',
      reason: 'ExceededResourceQuota',
      message: 'TaskRun Pod exceeded available resources: exceeded quota: few',
    });
    const waiting = { ...running(), status };
    expect(decide(waiting, late + 30_000, { pod: held })).toEqual([]);
    expect(statusOf(decide(waiting, late + 60_000, { pod: pod({ phase: 'Pending', steps: [] }) }))?.startTime).toBe('2026-01-02T05:05:05Z');
  });
});

describe('a TaskRun that is cancelled', () => {
  it('ends its steps and its pod', () => {
    const run = running({ status: 'TaskRunCancelled', statusMessage: 'enough' });
    expect(decide(run, start + 3000, { pod: runningPod })).toEqual([
      {
        type: 'set-status',
        status: {
          startTime,
          completionTime: '2026-01-02T03:04:08Z',
          podName: 'run-pod',
          taskSpec: oneStep,
          conditions: [condition('False', 'TaskRunCancelled', 'TaskRun "run" was cancelled. enough', '2026-01-02T03:04:08Z')],
          steps: [
            {
              name: 'build',
              container: 'step-build',
              imageID: 'alpine',
              terminated: {
                exitCode: 1,
                reason: 'TaskRunCancelled',
                message: 'Step build terminated as pod run-pod is terminated',
                startedAt: '2026-01-02T03:04:06Z',
                finishedAt: '2026-01-02T03:04:08Z',
              },
              terminationReason: 'TaskRunCancelled',
            },
          ],
        },
      },
      { type: 'stop-pod', uid: `${uid}-0` },
    ]);
  });

  it('never starts when it was cancelled before', () => {
    expect(decide(taskRun({ status: 'TaskRunCancelled', retries: 3 }), start)).toEqual([
      {
        type: 'set-status',
        status: {
          startTime,
          completionTime: startTime,
          conditions: [condition('False', 'TaskRunCancelled', 'TaskRun "run" was cancelled. ')],
        },
      },
    ]);
  });

  it('says what it was waiting for', () => {
    const run = running({ status: 'TaskRunCancelled' }, { conditions: [condition('Unknown', 'Pending', 'no slot')] });
    expect(statusOf(decide(run, start))?.conditions?.[0]?.message).toBe(
      'TaskRun "run" was cancelled. \nPrevious status: [Pending] no slot',
    );
  });
});

describe('a TaskRun that takes too long', () => {
  it('ends a moment after its timeout, not at it', () => {
    const run = running({ timeout: '10s' });
    expect(statusOf(decide(run, start + 10_000, { pod: runningPod }))?.conditions?.[0]?.reason).toBe('Running');
    const decisions = decide(run, start + 10_001, { pod: runningPod });
    expect(statusOf(decisions)).toMatchObject({
      completionTime: '2026-01-02T03:04:15Z',
      conditions: [{ status: 'False', reason: 'TaskRunTimeout', message: 'TaskRun "run" failed to finish within "10s"' }],
      steps: [{ terminated: { exitCode: 1, reason: 'TaskRunTimeout' }, terminationReason: 'TaskRunTimeout' }],
    });
    expect(decisions.at(-1)).toEqual({ type: 'stop-pod', uid: `${uid}-0` });
  });
});

describe('a TaskRun with retries', () => {
  const attempt: TaskRunStatus = {
    startTime,
    completionTime: '2026-01-02T03:04:08Z',
    podName: 'run-pod',
    taskSpec: oneStep,
    artifacts: {},
    conditions: [condition('False', 'StepFailed', '"step-build" exited with code 3: Error', '2026-01-02T03:04:08Z')],
    steps: [
      {
        name: 'build',
        container: 'step-build',
        imageID: 'alpine',
        terminated: { exitCode: 3, reason: 'Error', startedAt: '2026-01-02T03:04:06Z', finishedAt: '2026-01-02T03:04:07Z' },
        terminationReason: 'Error',
      },
    ],
  };
  const retry: TaskRunStatus = {
    taskSpec: oneStep,
    artifacts: {},
    steps: attempt.steps,
    conditions: [condition('Unknown', 'ToBeRetried', '"step-build" exited with code 3: Error', '2026-01-02T03:04:08Z')],
    retriesStatus: [attempt],
  };

  it('puts a failed attempt aside', () => {
    expect(decide(running({ retries: 1 }), start + 3000, { pod: failed })).toEqual([{ type: 'set-status', status: retry }]);
  });

  it('starts the next one in a pod of its own, with the count of retries', () => {
    const taskSpec: TaskSpec = { steps: [{ name: 'build', image: 'alpine', args: ['$(context.task.retry-count)'] }] };
    const decisions = decide(taskRun({ retries: 1, taskSpec }, retry), start + 4000, { pod: failed });
    expect(statusOf(decisions)).toMatchObject({ startTime: '2026-01-02T03:04:09Z', podName: 'run-pod-retry1', retriesStatus: [attempt] });
    expect(decisions[1]).toMatchObject({ type: 'start-pod', plan: { uid: `${uid}-1`, name: 'run-pod-retry1', steps: [{ args: ['1'] }] } });
  });

  it('fails when none is left', () => {
    const run = running({ retries: 1 }, { podName: 'run-pod-retry1', retriesStatus: [attempt] });
    const status = statusOf(decide(run, start + 3000, { pod: { ...failed, uid: `${uid}-1` } }));
    expect(status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'StepFailed' });
    expect(status?.retriesStatus).toHaveLength(1);
  });

  it('retries a timeout, after its pod was stopped', () => {
    const decisions = decide(running({ retries: 1, timeout: '1s' }), start + 5000, { pod: runningPod });
    expect(decisions.map(({ type }) => type)).toEqual(['stop-pod', 'set-status']);
    expect(statusOf(decisions)?.conditions?.[0]).toMatchObject({ status: 'Unknown', reason: 'ToBeRetried' });
  });

  it('does not retry a cancel', () => {
    const decisions = decide(running({ retries: 1, status: 'TaskRunCancelled' }), start + 5000, { pod: runningPod });
    expect(statusOf(decisions)?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'TaskRunCancelled' });
  });
});
