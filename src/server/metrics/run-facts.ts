import type { Stored } from '../../resources/object.ts';
import { owningRun } from '../../resources/owning-run.ts';
import { runOutcome } from '../../resources/run-outcome.ts';

/** What metrics want to know of a PipelineRun or TaskRun. Times in milliseconds since the epoch. */
export interface RunFacts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly outcome: 'running' | 'success' | 'failed' | 'cancelled';
  /** Of its condition `Succeeded`. */
  readonly reason: string;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** When its first step began. */
  readonly firstStepAt: number | undefined;
  /** What it is a run of, as upstream names it: of an inline spec `anonymous`, of a task in a pipeline its name there. */
  readonly definition: string;
  /** The PipelineRun it belongs to. */
  readonly owner: { readonly uid: string; readonly name: string; readonly pipeline: string } | undefined;
}

interface Status {
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
  readonly steps?: readonly { readonly running?: { readonly startedAt?: string }; readonly terminated?: { readonly startedAt?: string } }[];
}

const CANCELLED = new Set(['Cancelled', 'CancelledRunningFinally', 'TaskRunCancelled']);
const ANONYMOUS = 'anonymous';

export function runFacts(run: Stored): RunFacts {
  const { kind, metadata } = run;
  const status: Status = isObject(run['status']) ? run['status'] : {};
  const reason = status.conditions?.find(({ type }) => type === 'Succeeded')?.reason ?? '';
  const parent = owningRun(run);
  const starts = (status.steps ?? []).flatMap(({ running, terminated }) => time(terminated?.startedAt ?? running?.startedAt) ?? []);
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    outcome: outcomeOf(run, reason),
    reason,
    startedAt: time(status.startTime),
    endedAt: time(status.completionTime),
    firstStepAt: starts.length === 0 ? undefined : Math.min(...starts),
    definition: kind === 'PipelineRun' ? pipelineOf(run) : taskOf(run),
    owner:
      parent === undefined
        ? undefined
        : { uid: parent.uid, name: parent.name, pipeline: metadata.labels?.['tekton.dev/pipeline'] ?? ANONYMOUS },
  };
}

function outcomeOf(run: Stored, reason: string): RunFacts['outcome'] {
  const outcome = runOutcome(run);
  if (outcome === 'running') return outcome;
  return outcome === 'succeeded' ? 'success' : CANCELLED.has(reason) ? 'cancelled' : 'failed';
}

function pipelineOf(run: Stored): string {
  const { pipelineRef, pipelineSpec } = specOf(run);
  if (pipelineSpec !== undefined) return ANONYMOUS;
  return pipelineRef?.name ?? run.metadata.labels?.['tekton.dev/pipeline'] ?? ANONYMOUS;
}

function taskOf(run: Stored): string {
  const { taskRef, taskSpec } = specOf(run);
  const { labels } = run.metadata;
  if (taskSpec !== undefined) return labels?.['tekton.dev/pipelineTask'] ?? ANONYMOUS;
  return taskRef?.name ?? labels?.['tekton.dev/task'] ?? ANONYMOUS;
}

interface Spec {
  readonly pipelineRef?: { readonly name?: string };
  readonly pipelineSpec?: unknown;
  readonly taskRef?: { readonly name?: string };
  readonly taskSpec?: unknown;
}

function specOf(run: Stored): Spec {
  return isObject(run['spec']) ? run['spec'] : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function time(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
