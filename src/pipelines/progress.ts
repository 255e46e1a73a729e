import { goList } from '../resources/go-format.ts';
import type { KubeObject } from '../resources/object.ts';
import type { ChildReference, PipelineRunStatus } from '../resources/pipeline-run/schema.ts';
import { provenance } from '../resources/provenance.ts';
import { failsFast } from '../resources/run-annotations.ts';
import { sameValue } from '../resources/same-value.ts';
import { timestamp } from '../resources/timestamp.ts';
import { cancelChildren } from './cancel.ts';
import { celGuards } from './cel.ts';
import { childrenOf } from './child.ts';
import { childReference } from './child-references.ts';
import { outcomeCode, ownChildren, type TaskState } from './children.ts';
import { condition, type Verdict } from './condition.ts';
import type { PipelineRunDecision, PipelineRunFacts } from './decisions.ts';
import { type Metadata, ownerOf } from './metadata.ts';
import { type RunFailure, userError } from './outcome.ts';
import { pipelineResults } from './pipeline-results.ts';
import type { Plan } from './plan.ts';
import { sharedClaims } from './rerun/shared-claims.ts';
import { indexError } from './results.ts';
import { type Schedule, schedule } from './schedule.ts';
import { skipReasons } from './skip.ts';
import { skippedTasks } from './skipped-tasks.ts';
import { timeOf } from './status.ts';
import { replaceInTaskFields } from './substitute.ts';
import { exceeded, nextDeadline } from './timeouts.ts';
import { validateTaskParams } from './validate-task.ts';
import { claims } from './workspaces.ts';

/** How a run that has a plan goes on. */
export interface Step {
  readonly type: 'step';
  /** Before the status. */
  readonly decisions: readonly PipelineRunDecision[];
  /** All but conditions and completion time. */
  readonly status: PipelineRunStatus;
  readonly verdict: Verdict;
  /** Behind the status. */
  readonly next: readonly PipelineRunDecision[];
}

/** One step of a run: starts what may start, cancels what must end, and says how the run stands. `before` is its status with a start time. */
export function progress(
  plan: Plan,
  facts: PipelineRunFacts,
  metadata: Metadata,
  before: PipelineRunStatus,
  now: number,
): Step | RunFailure {
  const { run, config } = facts;
  const runName = run.metadata.name ?? '';
  const { states, codes, earliest } = plan.observer.observe(facts.children);
  const startTime = earlier(before.startTime ?? timestamp(now), earliest);
  const start = timeOf(startTime) ?? now;
  const finallyStart = timeOf(before.finallyStartTime);
  const timedOut = {
    pipeline: exceeded(plan.timeouts.pipeline, start, now),
    tasks: exceeded(plan.timeouts.tasks, start, now),
    finally: exceeded(plan.timeouts.finally, finallyStart, now),
  };

  const situation = {
    specStatus: run.spec.status,
    pipelineTimedOut: timedOut.pipeline,
    tasksTimedOut: timedOut.tasks,
    finallyTimedOut: timedOut.finally,
    failsFast: failsFast(metadata.annotations),
  };
  const guards = celGuards();
  const scheduled = schedule({ plan, states, codes, situation, cel: guards.allows });
  const guardError = guards.error();
  if (guardError !== undefined) return userError('CELEvaluationFailed', `Error evaluating CEL ${runName}: ${guardError}`);
  const invalid = firstInvalid(plan, scheduled, facts);
  if (invalid !== undefined) return invalid;

  const created = new Map<number, readonly KubeObject[]>();
  for (const place of scheduled.start) {
    const planned = plan.tasks[place];
    if (planned === undefined) continue;
    const made = childrenOf(planned, scheduled.resolved(place), { run, plan, config, inherited: metadata, stateOf: scheduled.stateOf });
    if (made.type === 'failed') return { ...made, pipelineSpec: plan.spec };
    const there = new Set(states[place]?.runs.map((child) => child.metadata.name));
    created.set(place, there.size === 0 ? made.children : made.children.filter((child) => !there.has(child.metadata.name)));
  }

  const beforeFirst = isBeforeFirst(plan, states, codes);
  const pvcs = beforeFirst ? claims(run, ownerOf(run), plan.workspaces) : [];
  const decisions: PipelineRunDecision[] = [
    ...cancellations(facts, states, timedOut, finallyStart !== undefined, situation.failsFast && scheduled.stopping),
    ...pvcs.map((claim): PipelineRunDecision => ({ type: 'create-claim', claim })),
    ...(beforeFirst ? sharedClaims(run) : []),
    ...[...created.values()].flat().map((child): PipelineRunDecision => ({ type: 'create-child', child })),
  ];

  const tasksTimedOut = timedOut.tasks && (finallyStart === undefined || tasksWereCut(scheduled));
  const verdict = condition({
    runName,
    plan,
    schedule: scheduled,
    specStatus: run.spec.status,
    pipelineTimedOut: timedOut.pipeline,
    tasksTimedOut,
  });
  const finallyStartTime = before.finallyStartTime ?? (scheduled.finallyBegins ? timestamp(now) : undefined);
  const skipped = skippedTasks(scheduled, plan.kept);
  const status: PipelineRunStatus = {
    ...before,
    startTime,
    pipelineSpec: before.pipelineSpec ?? plan.spec,
    ...(finallyStartTime !== undefined && { finallyStartTime }),
    childReferences: updatedReferences(plan, before.childReferences, scheduled, created),
    skippedTasks: skipped.length === 0 ? undefined : keepSame(before.skippedTasks, skipped),
    provenance: provenance(before.provenance, config, plan.refSource),
  };
  if (verdict.status !== 'Unknown') return ended(plan, scheduled, runName, { decisions, status, verdict });

  const at = nextDeadline(plan.timeouts, start, timeOf(finallyStartTime), now);
  return { type: 'step', decisions, status, verdict, next: at === undefined ? [] : [{ type: 'check-again-at', at }] };
}

/** Nothing of the run's own has been begun. */
function isBeforeFirst(plan: Plan, states: readonly TaskState[], codes: Readonly<Uint8Array>): boolean {
  if (plan.kept.size === 0) return codes.every((code) => code === outcomeCode.none);
  return states.every((state) => state.runs.length === 0 || state.kept === true);
}

/** Results come with the end; one that a successful task owes turns the verdict. */
function ended(plan: Plan, scheduled: Schedule, runName: string, step: Pick<Step, 'decisions' | 'status' | 'verdict'>): Step {
  const { results, invalid } = pipelineResults(plan.spec.results, scheduled.stateOf);
  const status = results.length === 0 ? step.status : { ...step.status, results: [...results] };
  if (invalid.length === 0) return { type: 'step', ...step, status, next: [] };
  const message = `Failed to get PipelineResult from TaskRun Results for PipelineRun ${runName}: invalid pipelineresults ${goList(invalid)}, the referenced results don't exist`;
  return {
    type: 'step',
    decisions: step.decisions,
    status,
    verdict: { status: 'False', reason: 'CouldntGetPipelineResult', message },
    next: [],
  };
}

/** What is wrong with a task now that the results it wants are known. Tasks that have a child were looked at before it was made. */
function firstInvalid(
  plan: Plan,
  { states, codes, stateOf, resolved, resolution }: Schedule,
  { run }: PipelineRunFacts,
): RunFailure | undefined {
  const runName = run.metadata.name ?? '';
  const hasEnded = (producer: number): boolean => (codes[producer] ?? outcomeCode.none) >= outcomeCode.succeeded;
  for (const { place, producers } of plan.referring) {
    if (codes[place] !== outcomeCode.none || !producers.every(hasEnded) || !resolution(place).ok) continue;
    const state = states[place];
    if (state === undefined) continue;
    const { planned } = state;
    const outside = indexError(planned.references, stateOf);
    if (outside !== undefined) {
      const message = `PipelineRun ${run.metadata.namespace ?? ''}/${runName} can't be Run; couldn't resolve all references: ${outside}`;
      return { ...userError('PipelineValidationFailed', message), pipelineSpec: plan.spec };
    }
    const invalid = planned.taskSpec && validateTaskParams(runName, resolved(place), planned.taskName, planned.taskSpec);
    if (invalid !== undefined) return { ...invalid, pipelineSpec: plan.spec };
  }
  return undefined;
}

/** Children that must end: all when the run timed out; else those of the phase that did; else, on a graceful cancel or a failure that must be fast, those still at work. */
function cancellations(
  { run, children }: PipelineRunFacts,
  states: readonly TaskState[],
  timedOut: { readonly pipeline: boolean; readonly tasks: boolean; readonly finally: boolean },
  inFinally: boolean,
  failedFast: boolean,
): readonly PipelineRunDecision[] {
  if (timedOut.pipeline) return cancelChildren(ownChildren(run, children), 'timedOut');
  if (inFinally ? timedOut.finally : timedOut.tasks) return cancelChildren(phaseChildren(states, inFinally), 'timedOut');
  if (run.spec.status === 'CancelledRunFinally') return cancelChildren(phaseChildren(states, false), 'cancelled');
  return failedFast ? cancelChildren(phaseChildren(states, false), 'failedFast') : [];
}

function phaseChildren(states: readonly TaskState[], isFinal: boolean): readonly KubeObject[] {
  return states.filter((state) => state.planned.isFinal === isFinal).flatMap((state) => state.runs);
}

/**
 * Whether the tasks timeout ended or kept from starting any task. Upstream asks only the clock, so that finally tasks which run past the
 * tasks timeout fail a run whose tasks were all in time; we do not follow it there.
 */
function tasksWereCut({ states, skipped }: Schedule): boolean {
  return states.some(
    (state, place) => (state.timedOut && !state.planned.isFinal && state.kept !== true) || skipped[place] === skipReasons.tasksTimeout,
  );
}

/** A run did not start later than what it started. */
function earlier(startTime: string, child: string | undefined): string {
  return child !== undefined && child < startTime ? child : startTime;
}

function updatedReferences(
  plan: Plan,
  old: ChildReference[] | undefined,
  scheduled: Schedule,
  created: ReadonlyMap<number, readonly KubeObject[]>,
): ChildReference[] | undefined {
  const references = plan.childReferences.update(old ?? [], scheduled, created, (child, place) =>
    newReference(child, place, scheduled, plan),
  );
  return references.length === 0 ? undefined : references;
}

function newReference(child: KubeObject, place: number, { states, resolution }: Schedule, plan: Plan): ChildReference {
  const kept = plan.kept.get(place);
  const old = kept?.type === 'ran' ? kept.references.find(({ name }) => name === child.metadata.name) : undefined;
  if (old !== undefined) return old;
  const planned = states[place]?.planned;
  if (planned === undefined) throw new Error(`no task at place ${place} of the plan`);
  const found = planned.references.length === 0 ? undefined : resolution(place);
  return childReference(child, found?.ok ? replaceInTaskFields(planned.task, found.replacements) : planned.task);
}

function keepSame<T>(old: T[] | undefined, next: readonly T[]): T[] {
  return old !== undefined && sameValue(old, next) ? old : [...next];
}
