import { goQuote } from '../expressions/variables/go-quote.ts';
import { formatDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { provenance } from '../resources/provenance.ts';
import { sameValue } from '../resources/same-value.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunStatus } from '../resources/task-run/schema.ts';
import { timestamp } from '../resources/timestamp.ts';
import { fetchedSteps, sidecarStates, stepStates, stoppedSidecars, terminateSteps } from './container-states.ts';
import type { TaskRunDecision, TaskRunFacts } from './decisions.ts';
import { planPod } from './plan-pod.ts';
import type { PodObservation } from './pod-observation.ts';
import { attemptOf, podName, podUid } from './pod-uid.ts';
import { isHeldByQuota, podVerdict, resultsFailure, unfinishedMessage } from './pod-verdict.ts';
import { type Prepared, podCreationFailed, prepare, type Sources } from './prepare.ts';
import { runArtifacts } from './run-artifacts.ts';
import { taskRunResults } from './run-results.ts';
import { isDone, type Outcome, retried, succeededCondition, withCondition } from './run-status.ts';
import { startFailure } from './start-failure.ts';
import { taskRunTimeout } from './task-run-timeout.ts';
import { claimsOf, withDefaultWorkspaces } from './workspaces.ts';

/**
 * What is to be done about a TaskRun now. `now` is in milliseconds since the epoch. The order of checks is upstream's: done, cancelled, pending, timed
 * out, containers that cannot start, and only then the pod: made when there is none, read when there is one.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `ReconcileKind`.
 */
export function decideTaskRun(facts: TaskRunFacts, now: number): readonly TaskRunDecision[] {
  const { taskRun, config } = facts;
  if (!isOurs(taskRun)) return [];
  // An observation of an earlier attempt says nothing about this one.
  const pod = facts.pod?.uid === podUid(taskRun) ? facts.pod : undefined;
  if (isDone(taskRun)) return afterEnd(taskRun, pod);

  const name = taskRun.metadata.name ?? '';
  const before = taskRun.status ?? {};
  if (taskRun.spec.status === 'TaskRunPending' && pod === undefined) {
    return setStatus(
      taskRun,
      withCondition(before, { status: 'Unknown', reason: 'TaskRunPending', message: `TaskRun ${goQuote(name)} is pending` }, now),
    );
  }

  // The clock of a TaskRun that a quota keeps from starting does not run.
  const status = pod !== undefined && isHeldByQuota(pod) ? unstarted(before) : started(before, taskRun, now);
  const attempt: Attempt = { taskRun, status, pod, now };
  if (taskRun.spec.status === 'TaskRunCancelled') {
    const message = `TaskRun ${goQuote(name)} was cancelled. ${taskRun.spec.statusMessage ?? ''}`;
    return fail(attempt, 'TaskRunCancelled', withPrevious(message, before));
  }

  const timeout = taskRunTimeout(taskRun, config);
  const startedAt = Date.parse(status.startTime ?? '');
  if (timeout > 0 && now - startedAt > timeout) {
    const message = `TaskRun ${goQuote(name)} failed to finish within ${goQuote(formatDuration(timeout))}`;
    return fail(attempt, 'TaskRunTimeout', withPrevious(message, before));
  }
  const stuck = pod === undefined ? undefined : startFailure(name, pod, config, now);
  if (stuck?.type === 'fails') return fail(attempt, stuck.reason, stuck.message);
  const unread = pod === undefined ? undefined : resultsFailure(name, pod);
  if (unread !== undefined) return fail(attempt, unread.reason, unread.message);

  // A pod that the status does not name was begun by a server that was killed before it could say so: it says so now.
  const decisions = pod === undefined || status.podName === undefined ? start(facts, attempt) : follow(attempt, pod);
  const latest = decisions.find((decision) => decision.type === 'set-status')?.status ?? status;
  const goesOn = latest.startTime !== undefined && latest.completionTime === undefined;
  if (!goesOn) return decisions;
  const instants = [...(timeout === 0 ? [] : [startedAt + timeout + 1]), ...(stuck === undefined ? [] : [stuck.until])];
  return instants.length === 0 ? decisions : [...decisions, { type: 'check-again-at', at: Math.min(...instants) }];
}

/** One attempt as it stands: the status so far, its start included, and what is seen of its pod. */
interface Attempt {
  readonly taskRun: TaskRun;
  readonly status: TaskRunStatus;
  readonly pod: PodObservation | undefined;
  readonly now: number;
}

function isOurs(taskRun: TaskRun): boolean {
  const { managedBy } = taskRun.spec;
  return !managedBy || managedBy === 'tekton.dev/pipeline';
}

/** The clock of an attempt starts with its first look, before the pod is there. Not before the TaskRun was created, should clocks differ. */
function started(status: TaskRunStatus, taskRun: TaskRun, now: number): TaskRunStatus {
  if (status.startTime !== undefined) return status;
  const created = Date.parse(taskRun.metadata.creationTimestamp ?? '');
  const startTime = timestamp(Number.isNaN(created) ? now : Math.max(created, now));
  return withCondition({ ...status, startTime }, { status: 'Unknown', reason: 'Started' }, now);
}

function unstarted({ startTime: _, ...status }: TaskRunStatus): TaskRunStatus {
  return status;
}

function start(facts: TaskRunFacts, attempt: Attempt): readonly TaskRunDecision[] {
  const { taskRun, status, now } = attempt;
  const prepared = prepare(facts);
  if (prepared.type === 'failed') return failPreparation(attempt, prepared, facts.config);
  if (prepared.type === 'waiting') {
    return setStatus(taskRun, withCondition(status, { status: 'Unknown', reason: prepared.reason, message: prepared.message }, now));
  }

  const number = attemptOf(taskRun);
  const bound = withDefaultWorkspaces(taskRun, prepared.spec, facts.config);
  const merged: TaskRun = {
    ...bound,
    metadata: {
      ...taskRun.metadata,
      labels: { ...taskRun.metadata.labels, ...prepared.labels },
      annotations: { ...taskRun.metadata.annotations, ...prepared.annotations },
    },
  };
  const planned = planPod(merged, prepared.spec, facts.config, number);
  if (!planned.ok) return failPreparation(attempt, { ...podCreationFailed(taskRun, planned.message), spec: prepared.spec }, facts.config);

  if (facts.credentialProblem !== undefined) {
    const message = `translating TaskSpec to Pod: ${facts.credentialProblem}`;
    return failPreparation(attempt, { type: 'failed', reason: 'TaskRunValidationFailed', message, spec: prepared.spec }, facts.config);
  }

  const labels = changed(prepared.labels, taskRun.metadata.labels);
  const annotations = changed(prepared.annotations, taskRun.metadata.annotations);
  const isNew = Object.keys(labels).length + Object.keys(annotations).length > 0;
  return [
    ...(isNew ? [{ type: 'set-metadata', labels, annotations } as const] : []),
    ...claimsOf(bound).map((claim) => ({ type: 'create-claim', claim }) as const),
    ...setStatus(taskRun, {
      ...withSources(status, prepared.spec, prepared, facts.config),
      podName: podName(taskRun.metadata.name ?? '', number),
      taskSpec: prepared.spec,
    }),
    { type: 'start-pod', plan: planned.plan },
  ];
}

/** Notes where the task and its steps are from, when a resolver fetched them. */
function withSources(status: TaskRunStatus, spec: TaskSpec, { refSource, stepSources }: Sources, config: EngineConfig): TaskRunStatus {
  const steps = fetchedSteps(spec, stepSources);
  const origin = refSource && provenance(status.provenance, config, refSource);
  return { ...status, ...(origin && { provenance: origin }), ...(steps && { steps }) };
}

/** Reads the pod. The last look also collects results, and may find that they are not what the task declares. */
function follow({ taskRun, status, now }: Attempt, pod: PodObservation): readonly TaskRunDecision[] {
  const spec = status.taskSpec ?? {};
  const ignoresFailure = taskRun.metadata.annotations?.['pipeline.tekton.dev/pipeline-task-on-error'] === 'continue';
  const verdict = podVerdict(pod, ignoresFailure);
  const done = verdict.status !== 'Unknown';
  const { results, problem } = done ? taskRunResults(spec, pod) : { results: [], problem: undefined };
  const outcome: Outcome = problem === undefined ? verdict : { status: 'False', reason: 'TaskRunValidationFailed', message: problem };
  const sidecars = sidecarStates(pod);
  const seen: TaskRunStatus = {
    ...status,
    podName: podName(taskRun.metadata.name ?? '', attemptOf(taskRun)),
    steps: stepStates(spec, pod, done, status.steps),
    ...(sidecars.length > 0 && { sidecars }),
    ...(done && { artifacts: runArtifacts(pod) }),
    ...(results.length > 0 && { results: [...results] }),
    ...(done && { completionTime: timestamp(now) }),
  };
  return conclude(taskRun, withCondition(seen, outcome, now), pod, now);
}

/** Ends the attempt from our side: its steps, wherever they are, end with the TaskRun's reason, and its pod is stopped. */
function fail({ taskRun, status, pod, now }: Attempt, reason: string, message: string): readonly TaskRunDecision[] {
  const { podName: name } = status;
  const spec = status.taskSpec ?? {};
  const steps = pod === undefined ? status.steps : stepStates(spec, pod, true, status.steps);
  const sidecars = pod === undefined ? undefined : sidecarStates(pod);
  const completionTime = timestamp(now);
  const failed: TaskRunStatus = {
    ...status,
    ...(steps && { steps: terminateSteps(steps, reason, name ?? '', completionTime) }),
    ...(sidecars && sidecars.length > 0 && { sidecars }),
    completionTime,
  };
  return conclude(taskRun, withCondition(failed, { status: 'False', reason, message }, now), pod, now);
}

function failPreparation(
  { taskRun, status, pod, now }: Attempt,
  failure: Extract<Prepared, { type: 'failed' }>,
  config: EngineConfig,
): readonly TaskRunDecision[] {
  const { reason, message, spec } = failure;
  const known = spec === undefined ? status : withSources(status, spec, failure, config);
  const failed = withCondition({ ...known, completionTime: timestamp(now) }, { status: 'False', reason, message }, now);
  // The next attempt takes what the status keeps for ready, so only the last one may leave an unready task there.
  const kept = retriesLeft(taskRun) || spec === undefined ? failed : { ...failed, taskSpec: failed.taskSpec ?? spec };
  return conclude(taskRun, kept, pod, now);
}

/** Writes the status; a failed attempt becomes the next one while retries are left, but never after a cancel. */
function conclude(taskRun: TaskRun, status: TaskRunStatus, pod: PodObservation | undefined, now: number): readonly TaskRunDecision[] {
  const condition = succeededCondition(status);
  if (condition?.status === 'Unknown') return setStatus(taskRun, status);
  const runs = pod === undefined ? status.podName !== undefined : pod.phase === 'Pending' || pod.phase === 'Running';
  const stop: readonly TaskRunDecision[] = runs ? [{ type: 'stop-pod', uid: podUid(taskRun) }] : [];
  if (condition?.status === 'False' && condition.reason !== 'TaskRunCancelled' && retriesLeft(taskRun)) {
    // First the old pod, then the new attempt: nobody looks for the old one once the status has moved on.
    return [...stop, ...setStatus(taskRun, retried(status, now))];
  }
  return [...setStatus(taskRun, status), ...stop];
}

function retriesLeft(taskRun: TaskRun): boolean {
  return attemptOf(taskRun) < (taskRun.spec.retries ?? 0);
}

/** What is left when the TaskRun has ended: sidecars, or steps that outlived a cancel. */
function afterEnd(taskRun: TaskRun, pod: PodObservation | undefined): readonly TaskRunDecision[] {
  if (pod === undefined) return [];
  const status = taskRun.status ?? {};
  const sidecars = status.sidecars && stoppedSidecars(status.sidecars, pod);
  return [
    ...setStatus(taskRun, { ...status, ...(sidecars && { sidecars }) }),
    ...(pod.phase === 'Pending' || pod.phase === 'Running' ? [{ type: 'stop-pod', uid: pod.uid } as const] : []),
  ];
}

/** Upstream appends what the run was waiting for, so that the reason of a hang is not lost with it. */
function withPrevious(message: string, before: TaskRunStatus): string {
  const previous = succeededCondition(before);
  if (!previous?.message || previous.message === unfinishedMessage) return message;
  if (['Started', 'TaskRunPending'].includes(previous.reason ?? '')) return message;
  return `${message}\nPrevious status: [${previous.reason ?? ''}] ${previous.message}`;
}

function setStatus(taskRun: TaskRun, status: TaskRunStatus): readonly TaskRunDecision[] {
  return sameValue(status, taskRun.status ?? {}) ? [] : [{ type: 'set-status', status }];
}

function changed(wanted: Readonly<Record<string, string>>, present: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => !(present && Object.hasOwn(present, key) && present[key] === value)),
  );
}
