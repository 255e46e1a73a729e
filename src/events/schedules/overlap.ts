import type { Store } from '../../ports/store.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import { runOutcome } from '../../resources/run-outcome.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import { objectName } from '../../triggers/object-name.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';
import { SCHEDULE_LABEL, SCHEDULED_FOR } from './tick.ts';

export const RUN_KINDS = ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun'] as const;
export const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';

export interface Overlap {
  readonly verdicts: readonly TriggerVerdict[];
  /** What cancels the runs that stand in the way. */
  readonly cancel?: KubeObject | undefined;
}

/**
 * A schedule's concurrency policy on what came of one tick. Asked of the store and not of a copy that may lag behind it; with the ticks of a
 * schedule judged one after the other, no two of them overlook each other. What the tick itself created, before a crash, is not in its way.
 */
export async function underPolicy(
  schedule: Stored<Schedule>,
  eventId: string,
  verdicts: readonly TriggerVerdict[],
  store: Store,
): Promise<Overlap> {
  const policy = schedule.spec.concurrencyPolicy ?? 'Allow';
  if (policy === 'Allow' || !verdicts.some(({ verdict }) => verdict === 'matched')) return { verdicts };
  const active = await activeRuns(schedule, eventId, store);
  if (active.length === 0) return { verdicts };
  if (policy === 'Replace') return { verdicts, cancel: cancelAction(schedule, eventId, active) };
  const reason = `concurrencyPolicy Forbid: ${describe(active)} not ended`;
  return {
    verdicts: verdicts.map((verdict) => {
      if (verdict.verdict !== 'matched') return verdict;
      const { trigger, namespace, chain, tookMs } = verdict;
      return { verdict: 'filtered', trigger, namespace, chain, tookMs, reason };
    }),
  };
}

/** A child bears its parent's labels: it is the parent that counts. */
export function isRunOfItsOwn({ metadata }: KubeObject): boolean {
  return !(metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
}

async function activeRuns({ metadata }: Stored<Schedule>, eventId: string, store: Store): Promise<readonly Stored[]> {
  const { name, namespace } = metadata;
  const labelSelector = `${SCHEDULE_LABEL}=${name},${EVENT_LABEL}!=${eventId}`;
  const lists = await Promise.all(RUN_KINDS.map((kind) => store.list(kind, { namespace, labelSelector })));
  return lists.flatMap(({ items }) => items.filter((run) => runOutcome(run) === 'running' && isRunOfItsOwn(run)));
}

function describe(active: readonly Stored[]): string {
  const [first, ...others] = active;
  const due = first?.metadata.annotations?.[SCHEDULED_FOR];
  const run = `${first?.kind} ${first?.metadata.name}${due === undefined ? '' : `, due ${due},`}`;
  return others.length === 0 ? `${run} has` : `${run} and ${others.length} more have`;
}

/** Names the events whose runs it is about, so that it cannot hit the run of a later tick when it is carried out late. */
function cancelAction({ metadata }: Stored<Schedule>, eventId: string, active: readonly Stored[]): KubeObject {
  const { name, namespace } = metadata;
  const events = [...new Set(active.flatMap((run) => run.metadata.labels?.[EVENT_LABEL] ?? []))].sort();
  const kinds = [...new Set(active.map(({ kind }) => kind))].sort();
  return {
    apiVersion: 'tappet.dev/v1alpha1',
    kind: 'RunAction',
    metadata: {
      name: objectName(`${name}-replace-`, { eventId, trigger: SCHEDULE_LABEL }, 0),
      namespace,
      labels: { [SCHEDULE_LABEL]: name, [EVENT_LABEL]: eventId },
    },
    spec: {
      action: 'Cancel',
      kinds,
      selector: {
        matchLabels: { [SCHEDULE_LABEL]: name },
        matchExpressions: [{ key: EVENT_LABEL, operator: 'In', values: events }],
      },
      reason: `concurrencyPolicy Replace: the next tick of Schedule ${name} takes its place`,
      // The events of the runs tell of it longer.
      ttl: '1h0m0s',
    },
  };
}
