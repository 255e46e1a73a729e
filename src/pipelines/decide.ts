import { goQuote } from '../expressions/variables/go-quote.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Pipeline } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineRunStatus } from '../resources/pipeline-run/schema.ts';
import { provenance } from '../resources/provenance.ts';
import { sameValue } from '../resources/same-value.ts';
import { timestamp } from '../resources/timestamp.ts';
import { cancelChildren } from './cancel.ts';
import { ownChildren, succeededCondition } from './children.ts';
import { cancelledVerdict, timedOutVerdict, type Verdict } from './condition.ts';
import type { PipelineRunDecision, PipelineRunFacts } from './decisions.ts';
import { type Metadata, runMetadata } from './metadata.ts';
import { type PlanOutcome, type PlanWaiting, planPipelineRun } from './plan.ts';
import { progress } from './progress.ts';
import { INVALID_RERUN } from './rerun/kept-tasks.ts';
import { timeOf, withVerdict } from './status.ts';
import { exceeded, runTimeouts } from './timeouts.ts';

/** Plans and decides in one. Whoever decides often keeps the plan (`planPipelineRun`) and calls `decide`. `now`: milliseconds since the epoch. */
export function decidePipelineRun(facts: PipelineRunFacts, now: number): readonly PipelineRunDecision[] {
  return concerns(facts.run) ? decide(planPipelineRun(facts), facts, now) : endedDecisions(facts);
}

/**
 * What is to be done about a run now. The same facts give the same list; an empty list means that nothing is to be done until something
 * changes. Upstream's order: ended, pending, cancelled, then the pipeline. Follows tektoncd/pipeline
 * pkg/reconciler/pipelinerun/pipelinerun.go, `ReconcileKind`.
 */
export function decide(outcome: PlanOutcome, facts: PipelineRunFacts, now: number): readonly PipelineRunDecision[] {
  const { run } = facts;
  if (!concerns(run)) return endedDecisions(facts);

  const metadata = runMetadata(run, run.status?.pipelineSpec === undefined ? sourceOf(outcome) : undefined);
  const changed = metadataDecisions(run, metadata);
  const started = run.status?.startTime !== undefined;
  if (run.spec.status === 'PipelineRunPending' && !started) {
    const message = `PipelineRun ${goQuote(run.metadata.name ?? '')} is pending`;
    return [...changed, ...statusDecisions(run, run.status ?? {}, { status: 'Unknown', reason: 'PipelineRunPending', message }, now)];
  }

  const status: PipelineRunStatus = { ...run.status, startTime: run.status?.startTime ?? firstStart(run, now) };
  if (run.spec.status === 'Cancelled') {
    const cancelled = cancelChildren(ownChildren(run, facts.children), 'cancelled');
    return [...changed, ...cancelled, ...statusDecisions(run, status, cancelledVerdict(run.metadata.name ?? ''), now)];
  }
  if (outcome.type === 'waiting') return [...changed, ...waitingDecisions(outcome, facts, status, now)];

  const step = outcome.type === 'ready' ? progress(outcome.plan, facts, metadata, status, now) : outcome;
  if (step.type === 'failed') {
    const { reason, message, pipelineSpec } = step;
    const refSource = outcome.type === 'ready' ? outcome.plan.refSource : step.refSource;
    const known = refSource === undefined ? status.provenance : provenance(status.provenance, facts.config, refSource);
    const failed = { ...status, pipelineSpec: status.pipelineSpec ?? pipelineSpec, ...(known && { provenance: known }) };
    const orphaned = reason === INVALID_RERUN ? cancelChildren(ownChildren(run, facts.children), 'cancelled') : [];
    return [...changed, ...orphaned, ...statusDecisions(run, failed, { status: 'False', reason, message }, now)];
  }
  return [...changed, ...step.decisions, ...statusDecisions(run, step.status, step.verdict, now), ...step.next];
}

/** The metadata of the Pipeline that was met. */
function sourceOf(outcome: PlanOutcome): Pipeline['metadata'] | undefined {
  switch (outcome.type) {
    case 'ready':
      return outcome.plan.source;
    case 'waiting':
      return outcome.source;
    case 'failed':
      return undefined;
  }
}

/** Whether there is anything to decide: the run is ours to manage and has not ended. */
function concerns(run: PipelineRun): boolean {
  const { managedBy } = run.spec;
  return (!managedBy || managedBy === 'tekton.dev/pipeline') && !isEnded(run);
}

function isEnded(run: PipelineRun): boolean {
  const status = succeededCondition(run as KubeObject)?.status;
  return status === 'True' || status === 'False';
}

/** A run that was cancelled or timed out leaves nothing running, not even a child that was seen only after its end. */
function endedDecisions({ run, children }: PipelineRunFacts): readonly PipelineRunDecision[] {
  if (!isEnded(run)) return [];
  const reason = succeededCondition(run as KubeObject)?.reason;
  if (reason === 'Cancelled' && run.spec.status === 'Cancelled') return cancelChildren(ownChildren(run, children), 'cancelled');
  return reason === 'PipelineRunTimeout' ? cancelChildren(ownChildren(run, children), 'timedOut') : [];
}

/** A run whose pipeline or tasks are still being fetched. Only long after its time is it given up, as upstream does. */
function waitingDecisions(
  waiting: PlanWaiting,
  facts: PipelineRunFacts,
  status: PipelineRunStatus,
  now: number,
): readonly PipelineRunDecision[] {
  const { run, config } = facts;
  const limit = runTimeouts(run, config).pipeline;
  const start = timeOf(status.startTime) ?? now;
  if (exceeded(limit, start, now) && now - start >= 2 * limit) {
    const cancelled = cancelChildren(ownChildren(run, facts.children), 'timedOut');
    return [...cancelled, ...statusDecisions(run, status, timedOutVerdict(run.metadata.name ?? '', limit), now)];
  }
  // With the pipeline goes where it is from: the next look has it from the status and nowhere else.
  const origin = waiting.pipelineSpec && provenance(status.provenance, config, waiting.refSource);
  const known = { ...status, pipelineSpec: status.pipelineSpec ?? waiting.pipelineSpec, ...(origin && { provenance: origin }) };
  const verdict: Verdict = { status: 'Unknown', reason: waiting.reason, message: waiting.message };
  const again: readonly PipelineRunDecision[] = limit === 0 ? [] : [{ type: 'check-again-at', at: start + Math.max(2 * limit, 1) }];
  return [...statusDecisions(run, known, verdict, now), ...again];
}

/** Now, or the time of creation where clocks disagree and that is later. */
function firstStart(run: PipelineRun, now: number): string {
  const created = timeOf(run.metadata.creationTimestamp);
  return created !== undefined && created > now ? timestamp(created) : timestamp(now);
}

function metadataDecisions(run: PipelineRun, { labels, annotations }: Metadata): readonly PipelineRunDecision[] {
  if (sameValue(run.metadata.labels ?? {}, labels) && sameValue(run.metadata.annotations ?? {}, annotations)) return [];
  return [{ type: 'set-metadata', labels, annotations }];
}

/** The status with its verdict, if it is not what the run has already. A run that ends gets its completion time from the condition. */
function statusDecisions(run: PipelineRun, fields: PipelineRunStatus, verdict: Verdict, now: number): readonly PipelineRunDecision[] {
  const conditions = withVerdict(run.status?.conditions, verdict, now);
  const ended = verdict.status !== 'Unknown';
  const time = conditions.find((condition) => condition.type === 'Succeeded')?.lastTransitionTime;
  const status: PipelineRunStatus = { ...fields, conditions, ...(ended && { completionTime: time }) };
  return sameValue(run.status ?? {}, status) ? [] : [{ type: 'set-status', status }];
}
