import type { CompiledSchedule } from '../../expressions/schedules/compile-schedule.ts';
import { jitterOf } from '../../expressions/schedules/jitter.ts';

/** One tick and when it fires: as due, or up to the jitter later. Milliseconds since the epoch. */
export interface PlannedTick {
  readonly scheduledFor: number;
  readonly fireAt: number;
}

/** A schedule as far as its times go. */
export interface Timing {
  readonly compiled: CompiledSchedule;
  readonly uid: string;
  /** Milliseconds. */
  readonly jitter: number;
}

/** More missed ticks than these are neither counted nor caught up. */
export const MOST_MISSED = 100;

/**
 * So late a tick is still on time: a loaded machine or a quick restart must not make it a missed one. Milliseconds.
 */
const ON_TIME = 10_000;

export interface Ripe {
  /** What should have fired by now, in order; the newest when there are very many. */
  readonly ticks: readonly PlannedTick[];
  /** The first that should not. */
  readonly next: PlannedTick | undefined;
}

/** What has become due, `first` being the first that nobody has fired. Nearly always that is all there is, and then one question tells so. */
export function ripeTicks(timing: Timing, first: PlannedTick, now: number): Ripe {
  if (first.fireAt > now) return { ticks: [], next: first };
  const second = nextTick(timing, first.scheduledFor);
  if (second === undefined || second.scheduledFor > now) return { ticks: [first], next: second };
  const due = timing.compiled.latest(first.scheduledFor - 1, now, MOST_MISSED + 1).map((scheduledFor) => planned(timing, scheduledFor));
  const ticks = due.filter(({ fireAt }) => fireAt <= now);
  return { ticks, next: due[ticks.length] ?? nextTick(timing, now) };
}

/** The first tick after `since`. */
export function nextTick(timing: Timing, since: number): PlannedTick | undefined {
  const scheduledFor = timing.compiled.upcoming(since, 1)[0];
  return scheduledFor === undefined ? undefined : planned(timing, scheduledFor);
}

export function isLate({ fireAt }: PlannedTick, now: number): boolean {
  return now - fireAt > ON_TIME;
}

export interface CatchUp {
  /** How late a tick may fire, in milliseconds, and how many that come together. */
  readonly window: number;
  readonly limit: number;
}

export interface Chosen {
  readonly fire: readonly PlannedTick[];
  /** Late ones, be they among those that fire or passed over. */
  readonly missed: number;
}

/**
 * Which of the ripe ticks fire now: those on time always; late ones as far as the window reaches, the newest, and no more than brings all that
 * fire together to the limit.
 */
export function chooseTicks(ripe: readonly PlannedTick[], now: number, { window, limit }: CatchUp): Chosen {
  const late = ripe.filter((tick) => isLate(tick, now));
  const onTime = ripe.length - late.length;
  const eligible = late.filter(({ fireAt }) => now - fireAt <= window);
  const caughtUp = Math.max(0, Math.min(eligible.length, limit - onTime));
  return { fire: [...eligible.slice(eligible.length - caughtUp), ...ripe.slice(late.length)], missed: late.length };
}

/** Jitter never reaches the next tick, so that ticks fire in their order. */
function planned({ compiled, uid, jitter }: Timing, scheduledFor: number): PlannedTick {
  if (jitter <= 0) return { scheduledFor, fireAt: scheduledFor };
  const next = compiled.upcoming(scheduledFor, 1)[0] ?? Number.POSITIVE_INFINITY;
  return { scheduledFor, fireAt: scheduledFor + jitterOf(uid, scheduledFor, Math.min(jitter, next - scheduledFor)) };
}
