import { describe, expect, it } from 'vitest';
import { podVerdict, startFailure } from '../../../tasks/pod-verdict.ts';
import { observeDeleted, observePod } from './observe-pod.ts';
import type { WireContainerState, WireContainerStatus, WirePod } from './pod-status.ts';

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const ms = (second: number): number => Date.parse(at(second));

interface Given {
  readonly steps: readonly (WireContainerState | undefined)[];
  readonly sidecar?: WireContainerState & Pick<WireContainerStatus, 'started' | 'lastState' | 'restartCount'>;
  readonly status?: WirePod['status'];
  readonly deadline?: number;
}

function pod({ steps, sidecar, status, deadline }: Given): WirePod {
  const statusOf = (name: string, state: WireContainerState | undefined): object => ({
    name,
    imageID: `${name}@sha256:1`,
    ...(state && { state }),
  });
  return {
    metadata: { name: 'run-pod', namespace: 'ci', labels: { 'tappet.dev/pod-uid': 'u-0' } },
    spec: {
      nodeName: 'node-1',
      ...(deadline !== undefined && { activeDeadlineSeconds: deadline }),
      containers: steps.map((_, index) => ({ name: `step-s${index}`, image: 'image' })),
      ...(sidecar && { initContainers: [{ name: 'sidecar-db', image: 'db', restartPolicy: 'Always', startupProbe: {} }] }),
    },
    status: {
      phase: 'Running',
      startTime: at(1),
      containerStatuses: steps.flatMap((state, index) => (state ? [statusOf(`step-s${index}`, state)] : [])) as never,
      ...(sidecar && { initContainerStatuses: [{ ...statusOf('sidecar-db', sidecar), ...sidecar }] as never }),
      ...status,
    },
  };
}

const running = { running: { startedAt: at(2) } };
const ended = (
  exitCode: number,
  entries: readonly object[] | string | undefined,
  reason = exitCode === 0 ? 'Completed' : 'Error',
): WireContainerState => ({
  terminated: {
    exitCode,
    reason,
    startedAt: at(2),
    finishedAt: at(4),
    ...(entries && { message: typeof entries === 'string' ? entries : JSON.stringify(entries) }),
  },
});
const started = { key: 'StartedAt', value: '2026-01-01T00:00:03.250Z', type: 3 };

describe('observePod', () => {
  it('has ended when its steps have, whatever the kubelet still says of the pod', () => {
    const seen = observePod(pod({ steps: [ended(0, [started]), ended(0, [started])], status: { phase: 'Pending' } }));
    expect(podVerdict(seen, false)).toMatchObject({ status: 'True', reason: 'Succeeded' });
    const half = observePod(pod({ steps: [ended(0, [started]), undefined], status: { phase: 'Pending' } }));
    expect(podVerdict(half, false)).toMatchObject({ status: 'Unknown' });
  });

  it('reads what a step has left, and when its command was started', () => {
    const entries = [started, { key: 'r', value: 'a\n', type: 1 }, { key: 'mine', value: 'b', type: 4 }];
    const seen = observePod(pod({ steps: [ended(0, entries)], status: { phase: 'Succeeded' } }));
    expect(seen).toMatchObject({
      uid: 'u-0',
      phase: 'Succeeded',
      startedAt: ms(1),
      finishedAt: ms(4),
      ranBy: 'node-1',
      steps: [
        {
          name: 's0',
          container: 'step-s0',
          imageId: 'step-s0@sha256:1',
          state: { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: ms(3) + 250, finishedAt: ms(4) },
          terminationReason: 'Completed',
          taskResults: { r: 'a\n' },
          results: { mine: 'b' },
        },
      ],
    });
  });

  it('tells a forgiven exit code, a timeout and a skipped step by what the entrypoint wrote', () => {
    const forgiven = ended(0, [started, { key: 'ExitCode', value: '7', type: 3 }]);
    const timedOut = ended(1, [started, { key: 'Reason', value: 'TimeoutExceeded', type: 3 }]);
    const skipped = ended(1, [started, { key: 'Reason', value: 'Skipped', type: 3 }]);
    const seen = observePod(pod({ steps: [forgiven, timedOut, skipped], status: { phase: 'Failed' } }));
    expect(seen.steps.map(({ state, terminationReason }) => [state.type === 'terminated' && state.exitCode, terminationReason])).toEqual([
      [7, 'Continued'],
      [1, 'TimeoutExceeded'],
      [1, 'Skipped'],
    ]);
    expect(podVerdict(seen, false).message).toBe('"step-s1" exited because the step exceeded the specified timeout limit');
  });

  it('shows one step running, though the containers of all are up', () => {
    const { steps } = observePod(pod({ steps: [ended(0, [started]), running, running] }));
    expect(steps.map(({ state }) => state.type)).toEqual(['terminated', 'running', 'waiting']);
  });

  it.each([
    ['ImagePullBackOff', 'TaskRunImagePullFailed'],
    ['InvalidImageName', 'TaskRunImagePullFailed'],
    ['CreateContainerConfigError', 'CreateContainerConfigError'],
    ['ErrImagePull', undefined],
  ])('takes a container that waits with %s for what upstream takes it', (reason, failure) => {
    const seen = observePod(pod({ steps: [{ waiting: { reason, message: 'why' } }], status: { phase: 'Pending' } }));
    expect([seen.phase, startFailure('run', seen)?.reason]).toEqual(['Pending', failure]);
  });

  it('says that no node has room', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes: Insufficient cpu.' }];
    const seen = observePod(pod({ steps: [undefined], status: { phase: 'Pending', conditions } }));
    expect(podVerdict(seen, false)).toMatchObject({ status: 'Unknown', reason: 'ExceededNodeResources' });
  });

  it('says that a step was killed for lack of memory, and that a pod was evicted', () => {
    const killed = observePod(pod({ steps: [ended(137, undefined, 'OOMKilled'), running] }));
    expect(podVerdict(killed, false)).toMatchObject({ status: 'False', reason: 'StepOOM' });
    const evicted = observePod(pod({ steps: [running], status: { phase: 'Failed', reason: 'Evicted', message: 'low on disk' } }));
    expect(podVerdict(evicted, false)).toMatchObject({ status: 'False', reason: 'PodEvicted', message: 'low on disk' });
  });

  it('gives a pod up whose node does not answer, and one that somebody deleted', () => {
    expect(observePod(pod({ steps: [running], status: { reason: 'NodeLost', message: 'gone' } }))).toMatchObject({
      phase: 'Failed',
      reason: 'NodeLost',
    });
    const deleted = observeDeleted(pod({ steps: [running] }), ms(9));
    expect(podVerdict(deleted, false)).toMatchObject({ status: 'False', message: 'pod run-pod was deleted before its steps had ended' });
  });

  it('calls what we have stopped cancelled, whatever the steps could still say', () => {
    const said = ended(9, [started, { key: 'Reason', value: 'Cancelled', type: 3 }]);
    const steps = [ended(0, [started]), said, ended(137, undefined), undefined];
    const seen = observePod(pod({ steps, deadline: 1, status: { phase: 'Failed', reason: 'DeadlineExceeded' } }));
    expect([seen.phase, seen.reason]).toEqual(['Failed', 'Cancelled']);
    expect(seen.steps.map(({ state, terminationReason }) => [state.type === 'terminated' && state.exitCode, terminationReason])).toEqual([
      [0, 'Completed'],
      [9, 'Cancelled'],
      [9, 'Cancelled'],
      [9, 'Cancelled'],
    ]);
    const late = observePod(pod({ steps, deadline: 5400, status: { phase: 'Failed', reason: 'DeadlineExceeded' } }));
    expect(late.reason).toBe('DeadlineExceeded');
  });

  it('calls cancelled, too, what saw the cancelled step before it end sooner than it was told itself', () => {
    const said = (reason: string, exitCode: number): WireContainerState =>
      ended(exitCode, [started, { key: 'Reason', value: reason, type: 3 }]);
    const reasons = (...steps: WireContainerState[]): unknown =>
      observePod(pod({ steps, deadline: 1, status: { phase: 'Failed', reason: 'DeadlineExceeded' } })).steps.map(
        (step) => step.terminationReason,
      );
    expect(reasons(said('Cancelled', 9), said('Skipped', 1), said('Skipped', 1))).toEqual(['Cancelled', 'Cancelled', 'Cancelled']);
    expect(reasons(said('Cancelled', 9), said('Skipped', 0))).toEqual(['Cancelled', 'Skipped']);
    expect(reasons(ended(7, [started]), said('Skipped', 1))).toEqual(['Error', 'Skipped']);
  });

  it('says which sidecar the first step waits for, and does not hold against one how it was ended', () => {
    const waits = observePod(pod({ steps: [undefined], sidecar: { ...running, started: false }, status: { phase: 'Pending' } }));
    expect(waits).toMatchObject({
      phase: 'Running',
      reason: 'WaitingForSidecars',
      steps: [{ state: { type: 'waiting', reason: 'WaitingForSidecars' } }],
      sidecars: [{ name: 'db', started: false }],
    });
    const over = observePod(pod({ steps: [ended(3, [started])], sidecar: ended(143, undefined), status: { phase: 'Failed' } }));
    expect(over.sidecars[0]?.state).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(podVerdict(over, false).reason).toBe('StepFailed');
  });

  it('gives a pod up whose sidecar ends again and again before it is ready, and shows one that ends later as it ended', () => {
    const crashed = {
      waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' },
      lastState: { terminated: { exitCode: 3, reason: 'Error', startedAt: at(2), finishedAt: at(3) } },
      restartCount: 1,
    };
    const stuck = observePod(pod({ steps: [{ waiting: { reason: 'PodInitializing' } }], sidecar: crashed, status: { phase: 'Pending' } }));
    expect(startFailure('run', stuck)).toEqual({
      reason: 'SidecarFailed',
      message:
        'the sidecar "db" in TaskRun "run" failed to start. The pod errored with the message: "it has ended before it was ready 2 times, at last with exit code 3."',
    });
    const late = observePod(pod({ steps: [running], sidecar: crashed }));
    expect(late.sidecars).toMatchObject([{ state: { type: 'terminated', exitCode: 3, reason: 'Error' } }]);
    expect([startFailure('run', late), podVerdict(late, false).status]).toEqual([undefined, 'Unknown']);
    const well = observePod(pod({ steps: [ended(0, [started])], sidecar: crashed, status: { phase: 'Succeeded' } }));
    expect(podVerdict(well, false).status).toBe('True');
  });

  it('lets nobody wait for a step whose container could not be started', () => {
    const failed = { terminated: { exitCode: 128, reason: 'StartError', message: 'no such file', finishedAt: at(4) } };
    const seen = observePod(pod({ steps: [failed, running, running] }));
    expect(seen.steps.map(({ terminationReason }) => terminationReason)).toEqual(['StartError', 'Skipped', 'Skipped']);
    expect([seen.phase, podVerdict(seen, false)]).toEqual([
      'Running',
      { status: 'False', reason: 'StepFailed', message: '"step-s0" exited with code 128: StartError' },
    ]);
    const killed = observePod(pod({ steps: [ended(137, undefined), running] }));
    expect(podVerdict(killed, false)).toMatchObject({ status: 'False', reason: 'StepFailed' });
  });

  it('takes a message that Kubernetes has cut for none', () => {
    const [step] = observePod(pod({ steps: [ended(1, '[{"key":"r","val')], status: { phase: 'Failed' } })).steps;
    expect(step).toMatchObject({ taskResults: {}, terminationReason: 'Error' });
  });
});
