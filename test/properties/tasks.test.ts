import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { Resolved } from '../../src/resources/resolved.ts';
import type { Task } from '../../src/resources/task/schema.ts';
import type { TaskRun, TaskRunStatus } from '../../src/resources/task-run/schema.ts';
import { decideTaskRun } from '../../src/tasks/decide.ts';
import type { TaskRunDecision } from '../../src/tasks/decisions.ts';
import type { ContainerState, PodObservation } from '../../src/tasks/pod-observation.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { attemptOf, podUid } from '../../src/tasks/pod-uid.ts';
import { isDone } from '../../src/tasks/run-status.ts';

const birth = Date.parse('2026-01-02T03:04:05Z');

/** What may happen to a TaskRun between two looks at it. */
type Happening =
  | { readonly type: 'time-passes'; readonly ms: number }
  | { readonly type: 'pod-seen'; readonly pod: Omit<PodObservation, 'uid'> }
  /** What is seen is a pod of an earlier attempt. */
  | { readonly type: 'stale-pod-seen'; readonly pod: Omit<PodObservation, 'uid'> }
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
  { weight: 1, arbitrary: pod.map((seen): Happening => ({ type: 'stale-pod-seen', pod: seen })) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'pod-lost' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'cancelled' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'cleared' }) },
);

/** Where the task comes from, and whether there is anything wrong with it. */
const origins = ['embedded', 'referenced', 'missing', 'invalid'] as const;

const life = fc.record({
  origin: fc.constantFrom<(typeof origins)[number]>('embedded', 'embedded', ...origins),
  ignored: fc.boolean(),
  retries: fc.integer({ min: 0, max: 3 }),
  timeout: fc.constantFrom('0s', '5s', '30s'),
  pending: fc.boolean(),
  happenings: fc.array(happening, { maxLength: 30 }),
});

interface World {
  taskRun: TaskRun;
  readonly task: Resolved<Task> | undefined;
  pod: PodObservation | undefined;
  now: number;
  readonly started: Set<string>;
  readonly stopped: Set<string>;
  /** Whose end was seen. */
  readonly over: Set<string>;
}

interface Life {
  readonly origin?: (typeof origins)[number];
  readonly ignored?: boolean;
  readonly retries: number;
  readonly timeout: string;
  readonly pending?: boolean;
}

const spec = {
  steps: [{ name: 'a', image: 'i', script: 'echo $(context.task.retry-count)' }],
  results: [{ name: 'list', type: 'array' as const }],
};

function newborn({ origin = 'embedded', ignored = false, retries, timeout, pending = false }: Life): World {
  const taskRun: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: 'run',
      namespace: 'ns',
      uid: 'u',
      ...(ignored && { annotations: { 'pipeline.tekton.dev/pipeline-task-on-error': 'continue' } }),
    },
    spec: {
      retries,
      timeout,
      ...(pending && { status: 'TaskRunPending' }),
      ...(origin === 'embedded' ? { taskSpec: spec } : { taskRef: { name: 'work', kind: 'Task' } }),
    },
  };
  const params = origin === 'invalid' ? [{ name: 'p', type: 'string' as const }] : [];
  const object: Task = { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'work' }, spec: { ...spec, params } };
  const task: Resolved<Task> | undefined =
    origin === 'embedded' ? undefined : origin === 'missing' ? { type: 'missing', message: 'not found' } : { type: 'found', object };
  return { taskRun, task, pod: undefined, now: birth, started: new Set(), stopped: new Set(), over: new Set() };
}

function decide(world: World): readonly TaskRunDecision[] {
  return decideTaskRun(
    { taskRun: world.taskRun, task: world.task, pod: world.pod, stepActions: new Map(), config: defaultEngineConfig },
    world.now,
  );
}

function apply(world: World, decisions: readonly TaskRunDecision[]): void {
  for (const decision of decisions) {
    if (decision.type === 'set-status') world.taskRun = { ...world.taskRun, status: decision.status };
    if (decision.type === 'start-pod') world.started.add(decision.plan.uid);
    if (decision.type === 'stop-pod') world.stopped.add(decision.uid);
  }
  if (world.pod?.uid !== podUid(world.taskRun)) world.pod = undefined;
  if (isDone(world.taskRun) && world.pod !== undefined) world.over.add(world.pod.uid);
}

function happen(world: World, event: Happening): void {
  const { taskRun } = world;
  switch (event.type) {
    case 'time-passes':
      world.now += event.ms;
      return;
    case 'pod-seen':
      if (world.started.has(podUid(taskRun))) world.pod = { ...event.pod, uid: podUid(taskRun) };
      if (world.pod?.phase === 'Succeeded' || world.pod?.phase === 'Failed') world.over.add(world.pod.uid);
      return;
    case 'stale-pod-seen':
      world.pod = { ...event.pod, uid: `${taskRun.metadata.uid}-${attemptOf(taskRun) - 1}` };
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
      fc.property(life, ({ happenings, ...facts }) => {
        const { retries } = facts;
        const world = newborn(facts);
        for (const event of happenings) {
          happen(world, event);
          const before: TaskRunStatus | undefined = world.taskRun.status;
          const wasDone = isDone(world.taskRun);
          const decisions = decide(world);
          expect(decide(world)).toEqual(decisions);

          const halted = wasDone || (world.taskRun.spec.status ?? '') !== '';
          if (halted) expect(decisions.filter(({ type }) => type === 'start-pod')).toEqual([]);
          for (const decision of decisions) if (decision.type === 'start-pod') expectToBeNext(world, decision.plan);

          apply(world, decisions);
          expect(attemptOf(world.taskRun)).toBeLessThanOrEqual(retries);
          if (wasDone) expect(world.taskRun.status?.conditions).toEqual(before?.conditions);
          expectToBeSound(world.taskRun, before);
          // What was written needs no second writing.
          expect(decide(world).filter((decision) => decision.type === 'set-status' && !restarts(world, decision.status))).toEqual([]);
        }
        expect(world.started.size).toBeLessThanOrEqual(retries + 1);
      }),
    );
  });

  it('ends when its pods do', () => {
    fc.assert(
      fc.property(life, fc.constantFrom('Succeeded', 'Failed'), ({ happenings, ...facts }, phase) => {
        const { retries } = facts;
        const world = newborn(facts);
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
        const world = newborn({ retries, timeout: '5s' });
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

/** The pod of this attempt, knowing how often was tried, and nothing is left of the attempts before. */
function expectToBeNext({ taskRun, started, stopped, over }: World, plan: PodPlan): void {
  const attempt = attemptOf(taskRun);
  expect(plan.uid).toBe(podUid(taskRun));
  expect(plan.name).toBe(attempt === 0 ? 'run-pod' : `run-pod-retry${attempt}`);
  expect(plan.steps[0]?.script).toContain(taskRun.spec.taskRef === undefined ? `echo ${attempt}` : 'echo 0');
  expect([...started].filter((uid) => uid !== plan.uid && !stopped.has(uid) && !over.has(uid))).toEqual([]);
}

/** What holds of every status, and of each after the one before. */
function expectToBeSound({ status = {}, spec: { retries = 0 } }: TaskRun, before: TaskRunStatus = {}): void {
  const condition = (each: TaskRunStatus) => each.conditions?.find(({ type }) => type === 'Succeeded');
  const { startTime, completionTime, retriesStatus = [], results } = status;
  const done = condition(status)?.status === 'True' || condition(status)?.status === 'False';
  // It ends when it says so, not before it began, and has results only then.
  expect(completionTime !== undefined).toBe(done);
  if (done) expect(startTime !== undefined && completionTime !== undefined && startTime <= completionTime).toBe(true);
  if (!done) expect(results).toBeUndefined();
  // Attempts are only ever added, each with its failure; none after a cancel or once they are spent.
  expect(retriesStatus.slice(0, before.retriesStatus?.length ?? 0)).toEqual(before.retriesStatus ?? []);
  expect(retriesStatus.length).toBeLessThanOrEqual(retries);
  for (const attempt of retriesStatus) {
    const { status: outcome, reason } = condition(attempt as TaskRunStatus) ?? {};
    expect([outcome, reason]).toEqual(['False', expect.not.stringMatching(/^TaskRunCancelled$/)]);
  }
  if (done && condition(status)?.status === 'False' && condition(status)?.reason !== 'TaskRunCancelled')
    expect(retriesStatus.length).toBe(retries);
}

/** The look after a retry starts the next attempt, or ends it at once where it cannot even start; that is news, not a repetition. */
function restarts({ taskRun: { status: before = {} } }: World, status: TaskRunStatus): boolean {
  const another = (status.retriesStatus?.length ?? 0) > (before.retriesStatus?.length ?? 0);
  return another || (before.startTime === undefined && status.startTime !== undefined);
}
