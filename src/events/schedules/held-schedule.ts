import { compileSchedule } from '../../expressions/schedules/compile-schedule.ts';
import { parseDuration } from '../../resources/duration.ts';
import type { Stored } from '../../resources/object.ts';
import type { Schedule, ScheduleStatus } from '../../resources/schedule/schema.ts';
import type { EventResult } from '../listener-status.ts';
import { nextTick, type PlannedTick, type Timing } from './due-ticks.ts';
import { type FiredTick, patternOf, wasSuspended } from './schedule-status.ts';

/** A schedule on its way from tick to tick; made anew when its spec changes. */
export interface HeldSchedule {
  /** The newest copy. */
  schedule: Stored<Schedule>;
  /** Absent: the pattern cannot be read, `defect` says why. */
  readonly timing: Timing | undefined;
  readonly defect: string | undefined;
  /** Every tick up to here was fired or passed over. Milliseconds since the epoch, as all below. */
  considered: number;
  next: PlannedTick | undefined;
  /** Not before this, whatever is due. */
  notBefore: number;
  busy: boolean;
  last: FiredTick | undefined;
  lastCatchUp: ScheduleStatus['lastCatchUp'];
  result: { readonly eventId: string; readonly came: EventResult } | undefined;
}

/** `earlier`: the same schedule before its spec changed. */
export function holdSchedule(schedule: Stored<Schedule>, earlier: HeldSchedule | undefined, now: number): HeldSchedule {
  const { spec, metadata } = schedule;
  const compiled = compileSchedule(spec.schedule, spec.timeZone);
  const jitter = parseDuration(spec.jitter ?? '0s') ?? 0;
  const held: HeldSchedule = {
    schedule,
    timing: compiled.ok ? { compiled: compiled.schedule, uid: metadata.uid, jitter } : undefined,
    defect: compiled.ok ? undefined : compiled.error.message,
    considered: earlier === undefined ? begunAt(schedule, now) : continuedAt(schedule, earlier, now),
    next: undefined,
    notBefore: 0,
    busy: false,
    last: earlier?.last,
    lastCatchUp: earlier?.lastCatchUp,
    result: earlier?.result,
  };
  planNext(held);
  return held;
}

export function planNext(held: HeldSchedule): void {
  const { timing, schedule, considered } = held;
  held.next = timing === undefined || schedule.spec.suspend === true ? undefined : nextTick(timing, considered);
}

/** `undefined` where there is no time. */
export function instantOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** Where to go on with a schedule of an earlier life, or to begin with a new one. Its status may come from elsewhere, and a clock may have been wrong. */
function begunAt(schedule: Stored<Schedule>, now: number): number {
  const { metadata, spec, status } = schedule;
  const created = Math.min(instantOf(metadata.creationTimestamp) ?? now, now);
  const considered = instantOf(status?.consideredUntil);
  if (considered === undefined) return created;
  const unchanged = status?.observedSchedule === patternOf(spec) && !wasSuspended(schedule);
  return unchanged ? Math.min(Math.max(considered, created), now) : now;
}

/** A new pattern, and the end of a suspension, begin a new count. */
function continuedAt({ spec }: Stored<Schedule>, earlier: HeldSchedule, now: number): number {
  const before = earlier.schedule.spec;
  return patternOf(spec) === patternOf(before) && before.suspend !== true ? earlier.considered : now;
}
