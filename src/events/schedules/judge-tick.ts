import type { Delivery } from '../../ports/journal.ts';
import type { Store } from '../../ports/store.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import { evaluateListener } from '../../triggers/evaluate-listener.ts';
import type { Outside } from '../../triggers/outside.ts';
import type { CreatedObject, TriggerVerdict } from '../../triggers/verdict.ts';
import { type AdmitManifest, type Admitted, admitManifests } from '../admit-manifests.ts';
import { journaledEvent } from '../journaled-event.ts';
import { failedEvent, type Judge, type Judgement } from '../judge.ts';
import { markReplay } from '../mark-replay.ts';
import { underPolicy } from './overlap.ts';
import type { ScheduleTarget } from './schedule-target.ts';
import { isTickOf, SCHEDULE_LABEL, SCHEDULED_FOR, scheduleOfTick } from './tick.ts';

export interface TickJudgeOptions {
  /** By `namespace/name`. */
  readonly schedule: (key: string) => Stored<Schedule> | undefined;
  readonly target: (schedule: Stored<Schedule>) => ScheduleTarget;
  readonly store: Store;
  readonly outside: Outside;
  readonly admit: AdmitManifest;
}

/** Judges a tick by its schedule as it is now: the same chain, bindings and template as for any event, then the schedule's concurrency policy. */
export function createTickJudge({ schedule: find, target, store, outside, admit }: TickJudgeOptions): Judge {
  return async (delivery, opened) => {
    const key = `${delivery.namespace}/${scheduleOfTick(delivery)}`;
    const schedule = find(key);
    if (schedule === undefined || !isTickOf(delivery, schedule)) {
      return failure(delivery, `Schedule ${key} was deleted before the tick was processed`);
    }
    const found = target(schedule);
    if (!found.ok) return failure(delivery, found.error);
    const from = opened === undefined ? journaledEvent(delivery, outside) : { event: opened, outside };
    const body = from.event.json();
    const marks = marksOf(schedule, body.ok ? body.value : undefined);
    const evaluated = await evaluateListener(found.listener, from.event, from.outside);
    const judged = evaluated.map((verdict) => markReplay(marked(verdict, marks), delivery.replayOf));
    const { verdicts, cancel } = await underPolicy(schedule, delivery.eventId, judged, store);
    const admitted = verdicts.map((verdict) => admitManifests(verdict, admit));
    const complete = cancel === undefined ? admitted : withCancellation(admitted, cancel);
    return { verdicts: complete.map(({ verdict }) => verdict), creations: complete.map(({ creations }) => creations) };
  };
}

type Texts = Readonly<Record<string, string>>;
interface Marks {
  readonly labels: Texts;
  readonly annotations: Texts;
}

function marksOf({ metadata }: Stored<Schedule>, body: unknown): Marks {
  const due = typeof body === 'object' && body !== null && 'scheduledFor' in body ? body.scheduledFor : undefined;
  return { labels: { [SCHEDULE_LABEL]: metadata.name }, annotations: typeof due === 'string' ? { [SCHEDULED_FOR]: due } : {} };
}

interface Manifest {
  readonly metadata?: { readonly labels?: Texts; readonly annotations?: Texts };
}

/** What a tick creates can be told by its labels; what comes of it finds its way back to the schedule. */
function marked(verdict: TriggerVerdict, { labels, annotations }: Marks): TriggerVerdict {
  if (verdict.verdict !== 'matched') return verdict;
  const manifests = (verdict.manifests as readonly Manifest[]).map(({ metadata, ...manifest }) => ({
    ...manifest,
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, ...labels },
      annotations: { ...metadata?.annotations, ...annotations },
    },
  }));
  return { ...verdict, manifests };
}

/** Before anything else that is created. Where nothing is, after all, nothing takes the place of the old runs, and they stay. */
function withCancellation(admitted: readonly Admitted[], cancel: KubeObject): readonly Admitted[] {
  const first = admitted.findIndex(({ creations }) => creations.length > 0);
  const { apiVersion, kind, metadata } = cancel;
  const created: CreatedObject = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name ?? '' };
  return admitted.map(({ verdict, creations }, index) => {
    if (index !== first || verdict.verdict === 'filtered') return { verdict, creations };
    return { verdict: { ...verdict, created: [created, ...(verdict.created ?? [])] }, creations: [cancel, ...creations] };
  });
}

function failure(delivery: Delivery, error: string): Judgement {
  return { verdicts: [failedEvent(delivery, 'resolve', error)], creations: [] };
}
