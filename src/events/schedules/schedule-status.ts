import type { Condition, Stored } from '../../resources/object.ts';
import type { Schedule, ScheduleSpec, ScheduleStatus } from '../../resources/schedule/schema.ts';
import { timestamp } from '../../resources/timestamp.ts';
import type { EventResult } from '../listener-status.ts';
import type { ScheduleTarget } from './schedule-target.ts';
import type { ActiveRun } from './scheduled-runs.ts';

const LONGEST_MESSAGE = 1_000;
const MOST_ACTIVE = 20;

export interface FiredTick {
  readonly scheduledFor: number;
  readonly firedAt: number;
  readonly eventId: string;
}

/** What is known of a schedule now. What is absent is as it was. Milliseconds since the epoch. */
export interface ScheduleFacts {
  readonly schedule: Stored<Schedule>;
  readonly now: number;
  readonly consideredUntil: number;
  /** Absent: none will come. */
  readonly nextFireTime: number | undefined;
  /** Why the pattern cannot be read. */
  readonly defect: string | undefined;
  readonly target: ScheduleTarget;
  readonly last: FiredTick | undefined;
  readonly lastCatchUp: ScheduleStatus['lastCatchUp'];
  readonly lastSuccess: number | undefined;
  readonly active: readonly ActiveRun[] | undefined;
  /** What came of the newest tick that did anything. */
  readonly result: { readonly eventId: string; readonly came: EventResult } | undefined;
}

/** The pattern with its zone: what a schedule's times are of. */
export function patternOf({ schedule, timeZone }: ScheduleSpec): string {
  return `${timeZone ?? ''} ${schedule}`;
}

/** Whether it was suspended when its status was written. */
export function wasSuspended({ status }: Stored<Schedule>): boolean {
  return (status?.conditions ?? []).some(({ type, status: state }) => type === 'Suspended' && state === 'True');
}

export function scheduleStatus(facts: ScheduleFacts): ScheduleStatus {
  const { schedule, last, active } = facts;
  const before: ScheduleStatus = schedule.status ?? {};
  return {
    ...before,
    observedGeneration: schedule.metadata.generation,
    observedSchedule: patternOf(schedule.spec),
    consideredUntil: timestamp(facts.consideredUntil),
    lastScheduledFor: last === undefined ? before.lastScheduledFor : timestamp(last.scheduledFor),
    lastFiredAt: last === undefined ? before.lastFiredAt : timestamp(last.firedAt),
    lastEventId: last === undefined ? before.lastEventId : last.eventId,
    lastSuccess: facts.lastSuccess === undefined ? undefined : timestamp(facts.lastSuccess),
    nextFireTime: facts.nextFireTime === undefined ? undefined : timestamp(facts.nextFireTime),
    lastCatchUp: facts.lastCatchUp ?? before.lastCatchUp,
    active: active === undefined ? before.active : active.length === 0 ? undefined : active.slice(0, MOST_ACTIVE),
    conditions: conditionsOf(facts, before.conditions ?? []),
  };
}

/** Those of others stay; of ours, one that says the same keeps the time it began. */
function conditionsOf(facts: ScheduleFacts, before: readonly Condition[]): Condition[] {
  const ours = [readiness(facts), suspension(facts.schedule), ...outcome(facts)].map((condition): Condition => {
    const message = (condition.message ?? '').slice(0, LONGEST_MESSAGE);
    const known = before.find(({ type }) => type === condition.type);
    const same = known?.status === condition.status && known.reason === condition.reason && known.message === message;
    return same ? known : { ...condition, message, lastTransitionTime: timestamp(facts.now) };
  });
  return [...ours, ...before.filter(({ type }) => !ours.some((condition) => condition.type === type))];
}

function readiness({ schedule, defect, nextFireTime, target }: ScheduleFacts): Condition {
  const not = (reason: string, message: string): Condition => ({ type: 'Ready', status: 'False', reason, message });
  if (defect !== undefined) return not('InvalidSchedule', `spec.schedule: ${defect}`);
  if (nextFireTime === undefined && schedule.spec.suspend !== true) {
    return not(
      'NeverFires',
      `spec.schedule: ${JSON.stringify(schedule.spec.schedule)} names a day that no year has; expected one that comes`,
    );
  }
  if (!target.ok) return not('ListenerNotFound', target.error);
  const { defects, warnings } = target.listener;
  const message = [...defects, ...warnings].join('\n');
  return defects.length > 0 ? not('TriggersCannotFire', message) : { type: 'Ready', status: 'True', reason: 'Scheduled', message };
}

function suspension({ spec }: Stored<Schedule>): Condition {
  return spec.suspend === true
    ? { type: 'Suspended', status: 'True', reason: 'SuspendedByUser', message: 'no ticks fire, and none that pass now are made up for' }
    : { type: 'Suspended', status: 'False', reason: 'NotSuspended' };
}

/** As a listener has it: `False` with the error of the last tick that had one, `True` again after one that created what it should. */
function outcome({ result }: ScheduleFacts): readonly Condition[] {
  if (result === undefined) return [];
  const { eventId, came } = result;
  if (came.problems.length === 0) return came.created ? [{ type: 'TriggersSucceeded', status: 'True', reason: 'Succeeded' }] : [];
  const message = `event ${eventId}: ${came.problems.join('\n')}`;
  return [{ type: 'TriggersSucceeded', status: 'False', reason: 'TriggerFailed', message }];
}
