import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { TaskRun, TaskRunStatus } from '../../src/resources/task-run/schema.ts';
import { decideTaskRun } from '../../src/tasks/decide.ts';
import type { TaskRunDecision } from '../../src/tasks/decisions.ts';
import type { ContainerState, PodObservation } from '../../src/tasks/pod-observation.ts';
import { attemptOf, podUid } from '../../src/tasks/pod-uid.ts';
import { isDone } from '../../src/tasks/run-status.ts';

const birth = Date.parse('2026-01-02T03:04:05Z');

/** What may happen to a TaskRun between two looks at it. */
type Happening =
  | { readonly type: 'time-passes'; readonly ms: number }
  | { readonly type: 'pod-seen'; readonly pod: Omit<PodObservation, 'uid'> }
  | { readonly type: 'pod-lost' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'cleared' };

const state: fc.Arbitrary<ContainerState> = fc.oneof(
  fc.constant<ContainerState>({ type: 'running', startedAt: birth }),
  fc
    .constantFrom('ContainerCreating', 'ErrImagePull', 'ImagePullBackOff', 'CreateContainerConfigError')
    .map((reason): ContainerState => ({ type: 'waiting', reason, message: 'm' })),
  fc.constantFrom(0, 0, 0, 1, 137).map(
    (exitCode): ContainerState => ({
      type: 'terminated',
      exitCode,
      reason: exitCode === 0 ? 'Completed' : exitCode === 137 ? 'OOMKilled' : 'Error',
      startedAt: birth,
      finishedAt: birth + 1,
    }),
  ),
);

const pod: fc.Arbitrary<Omit<PodObservation, 'uid'>> = fc.record({
  phase: fc.constantFrom('Pending', 'Running', 'Running', 'Succeeded', 'Failed'),
  steps: fc.array(
    fc.record({
      name: fc.constant('a'),
      container: fc.constant('step-a'),
      imageId: fc.constant('i'),
      state,
      results: fc.constant({ r: '["x"]' }),
      taskResults: fc.constantFrom<Record<string, string>>({}, { list: '["x"]' }, { list: 'no list' }),
    }),
    { maxLength: 2 },
  ),
  sidecars: fc.array(
    state.map((seen) => ({ name: 'b', container: 'sidecar-b', imageId: 'i', state: seen })),
    { maxLength: 1 },
  ),
  ranBy: fc.constant('property'),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20_000 }).map((ms): Happening => ({ type: 'time-passes', ms })) },
  { weight: 5, arbitrary: pod.map((seen): Happening => ({ type: 'pod-seen', pod: seen })) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'pod-lost' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'cancelled' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'cleared' }) },
);

const life = fc.record({
  retries: fc.integer({ min: 0, max: 3 }),
  timeout: fc.constantFrom('0s', '5s', '30s'),
  pending: fc.boolean(),
  happenings: fc.array(happening, { maxLength: 30 }),
});

interface World {
  taskRun: TaskRun;
  pod: PodObservation | undefined;
  now: number;
  readonly started: Set<string>;
  readonly stopped: Set<string>;
}

function newborn(retries: number, timeout: string, pending: boolean): World {
  const taskRun: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name: 'run', namespace: 'ns', uid: 'u' },
    spec: {
      retries,
      timeout,
      ...(pending && { status: 'TaskRunPending' }),
      taskSpec: { steps: [{ name: 'a', image: 'i' }], results: [{ name: 'list', type: 'array' }] },
    },
  };
  return { taskRun, pod: undefined, now: birth, started: new Set(), stopped: new Set() };
}

function decide(world: World): readonly TaskRunDecision[] {
  return decideTaskRun({ taskRun: world.taskRun, pod: world.pod, stepActions: new Map(), config: defaultEngineConfig }, world.now);
}

function apply(world: World, decisions: readonly TaskRunDecision[]): void {
  for (const decision of decisions) {
    if (decision.type === 'set-status') world.taskRun = { ...world.taskRun, status: decision.status };
    if (decision.type === 'start-pod') world.started.add(decision.plan.uid);
    if (decision.type === 'stop-pod') world.stopped.add(decision.uid);
  }
  if (world.pod?.uid !== podUid(world.taskRun)) world.pod = undefined;
}

function happen(world: World, event: Happening): void {
  const { taskRun } = world;
  switch (event.type) {
    case 'time-passes':
      world.now += event.ms;
      return;
    case 'pod-seen':
      if (world.started.has(podUid(taskRun))) world.pod = { ...event.pod, uid: podUid(taskRun) };
      return;
    case 'pod-lost':
      world.pod = undefined;
      return;
    case 'cancelled':
      world.taskRun = { ...taskRun, spec: { ...taskRun.spec, status: 'TaskRunCancelled' } };
      return;
    case 'cleared':
      if (taskRun.spec.status === 'TaskRunPending') world.taskRun = { ...taskRun, spec: { ...taskRun.spec, status: undefined } };
  }
}

describe('a TaskRun, whatever happens to it,', () => {
  it('gets the same decisions twice, never a pod it must not have, never an attempt too many, and stays done', () => {
    fc.assert(
      fc.property(life, ({ retries, timeout, pending, happenings }) => {
        const world = newborn(retries, timeout, pending);
        for (const event of happenings) {
          happen(world, event);
          const before: TaskRunStatus | undefined = world.taskRun.status;
          const wasDone = isDone(world.taskRun);
          const decisions = decide(world);
          expect(decide(world)).toEqual(decisions);

          const halted = wasDone || (world.taskRun.spec.status ?? '') !== '';
          if (halted) expect(decisions.filter(({ type }) => type === 'start-pod')).toEqual([]);
          for (const decision of decisions) if (decision.type === 'start-pod') expect(decision.plan.uid).toBe(podUid(world.taskRun));

          apply(world, decisions);
          expect(attemptOf(world.taskRun)).toBeLessThanOrEqual(retries);
          if (wasDone) expect(world.taskRun.status?.conditions).toEqual(before?.conditions);
          // What was written needs no second writing.
          expect(decide(world).filter((decision) => decision.type === 'set-status' && !restarts(world, decision.status))).toEqual([]);
        }
        expect(world.started.size).toBeLessThanOrEqual(retries + 1);
      }),
    );
  });

  it('ends when its pods do', () => {
    fc.assert(
      fc.property(life, fc.constantFrom('Succeeded', 'Failed'), ({ retries, timeout, pending, happenings }, phase) => {
        const world = newborn(retries, timeout, pending);
        for (const event of happenings) {
          happen(world, event);
          apply(world, decide(world));
        }
        happen(world, { type: 'cleared' });
        for (let looks = 0; looks < 3 * (retries + 1) && !isDone(world.taskRun); looks++) {
          happen(world, { type: 'pod-seen', pod: { phase, steps: [], sidecars: [], ranBy: 'property' } });
          apply(world, decide(world));
        }
        expect(isDone(world.taskRun)).toBe(true);
        expect(world.taskRun.status?.completionTime).toBeDefined();
      }),
    );
  });

  it('ends when nothing is ever seen of its pods but it has a timeout, and every pod but a finished one is stopped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 5 }), (retries, pauses) => {
        const world = newborn(retries, '5s', false);
        for (const pause of pauses) {
          apply(world, decide(world));
          world.now += pause;
        }
        for (let looks = 0; looks < 3 * (retries + 1) && !isDone(world.taskRun); looks++) {
          const decisions = decide(world);
          apply(world, decisions);
          const alarm = decisions.find((decision) => decision.type === 'check-again-at');
          if (alarm) world.now = alarm.at;
        }
        expect(isDone(world.taskRun)).toBe(true);
        expect([...world.stopped]).toEqual([...world.started]);
      }),
    );
  });
});

/** The look after a retry starts the next attempt; that is news, not a repetition. */
function restarts(world: World, status: TaskRunStatus): boolean {
  return world.taskRun.status?.startTime === undefined && status.startTime !== undefined;
}
