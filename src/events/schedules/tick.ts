import { createHash } from 'node:crypto';
import type { Delivery } from '../../ports/journal.ts';
import type { Stored } from '../../resources/object.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import { timestamp } from '../../resources/timestamp.ts';

/** On everything a tick creates: the Schedule's name. */
export const SCHEDULE_LABEL = 'tappet.dev/schedule';
/** On everything a tick creates, as an annotation: when the tick was due. */
export const SCHEDULED_FOR = 'tappet.dev/scheduled-for';

/** No EventListener's name has a slash in it. */
const LISTENER = 'schedule/';

/** One time a schedule fires. */
export interface Tick {
  /** Milliseconds since the epoch, as `firedAt`; when nobody scheduled it, the same. */
  readonly scheduledFor: number;
  readonly firedAt: number;
  /** When the newest tick was due whose runs succeeded. */
  readonly lastSuccess: number | undefined;
}

/** A tick of the schedule's own. Two servers and a restart make the same of it but for `firedAt` and `lastSuccess`. */
export function tickDelivery(schedule: Stored<Schedule>, tick: Tick): Delivery {
  const { uid } = schedule.metadata;
  const deliveryId = `${uid} ${timestamp(tick.scheduledFor)}`;
  return deliveryOf(schedule, tick, { eventId: tickEventId(uid, tick.scheduledFor), deliveryId, manual: false });
}

/** A tick that somebody asked for. */
export function manualDelivery(schedule: Stored<Schedule>, tick: Tick, eventId: string): Delivery {
  return deliveryOf(schedule, tick, { eventId, deliveryId: `${schedule.metadata.uid} manual ${eventId}`, manual: true });
}

/** In the form of a version 8 UUID, and in the order of time as other event ids are. */
export function tickEventId(uid: string, scheduledFor: number): string {
  const time = scheduledFor.toString(16).padStart(12, '0');
  const digest = createHash('sha256').update(`tick\u0000${uid}\u0000${scheduledFor}`).digest('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digest.slice(0, 3)}-a${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
}

/** The name of the Schedule a delivery is a tick of; `undefined` for what came over the wire. */
export function scheduleOfTick({ listener }: Pick<Delivery, 'listener'>): string | undefined {
  return listener.startsWith(LISTENER) ? listener.slice(LISTENER.length) : undefined;
}

/** Whether the delivery is of this very Schedule and not of one that had its name before. A replay is of whoever has the name now. */
export function isTickOf({ deliveryId, replayOf }: Delivery, { metadata }: Stored<Schedule>): boolean {
  return replayOf !== undefined || deliveryId === undefined || deliveryId.startsWith(`${metadata.uid} `);
}

interface Identity {
  readonly eventId: string;
  readonly deliveryId: string;
  readonly manual: boolean;
}

function deliveryOf({ metadata, spec }: Stored<Schedule>, tick: Tick, { eventId, deliveryId, manual }: Identity): Delivery {
  const { name, namespace = '' } = metadata;
  const { scheduledFor, firedAt, lastSuccess } = tick;
  const body = {
    schedule: name,
    namespace,
    cron: spec.schedule,
    timeZone: spec.timeZone,
    scheduledFor: timestamp(scheduledFor),
    firedAt: timestamp(firedAt),
    // Text also when there was none: a binding of it never fails, and its type in CEL is always the same.
    lastSuccess: lastSuccess === undefined ? '' : timestamp(lastSuccess),
    manual,
  };
  return {
    eventId,
    deliveryId,
    namespace,
    listener: LISTENER + name,
    receivedAt: firedAt,
    method: 'TICK',
    url: `/schedules/${namespace}/${name}`,
    headers: { 'Content-Type': ['application/json'], 'X-Tappet-Event': ['schedule'] },
    body: Buffer.from(JSON.stringify(body)),
  };
}
