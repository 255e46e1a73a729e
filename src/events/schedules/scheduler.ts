import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Delivery, Journal } from '../../ports/journal.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store.ts';
import { parseDuration } from '../../resources/duration.ts';
import type { Stored } from '../../resources/object.ts';
import type { Schedule, ScheduleStatus } from '../../resources/schedule/schema.ts';
import { timestamp } from '../../resources/timestamp.ts';
import type { LiveKind, OpenLiveKind } from '../configuration.ts';
import type { EventResult } from '../listener-status.ts';
import type { EventProcessor } from '../process.ts';
import { chooseTicks, isLate, MOST_MISSED, type PlannedTick, ripeTicks } from './due-ticks.ts';
import { type HeldSchedule, holdSchedule, instantOf, planNext } from './held-schedule.ts';
import { scheduleStatus } from './schedule-status.ts';
import type { ScheduleTarget } from './schedule-target.ts';
import { ScheduledRuns } from './scheduled-runs.ts';
import { StatusWriter } from './status-writer.ts';
import { manualDelivery, scheduleOfTick, tickDelivery, tickEventId } from './tick.ts';

export interface SchedulerOptions {
  readonly open: OpenLiveKind;
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** What a schedule's ticks go to, as it is now. */
  readonly target: (schedule: Stored<Schedule>) => ScheduleTarget;
  /** Whether a namespace's schedules are this process's to fire, now; others do it as long as not. Absent: all are. */
  readonly firesFor?: ((namespace: string) => boolean) | undefined;
}

export type TickTaker = Pick<EventProcessor, 'full' | 'offer'>;

export type RunNow =
  | { readonly outcome: 'accepted'; readonly eventId: string; readonly scheduledFor: string }
  | { readonly outcome: 'unknown' }
  /** Too much waits to be processed. */
  | { readonly outcome: 'busy' };

/** The wall clock may be put forward, and a laptop sleeps: no wait is longer than this, and then the time is looked at again. */
const LONGEST_SLEEP_MS = 60_000;
const RETRY_MS = 1_000;
/** Everybody's schedules say midnight: no more begin in one turn, so that webhooks are answered in between. */
const MOST_AT_ONCE = 50;

/**
 * Fires schedules. A tick is an event: it is appended to the journal under its schedule's uid and its time, and only the append decides whether it
 * is new, so that neither a restart nor a second server fires it twice. What was missed while nobody was there, or while the clock was away, is
 * caught up as far as the schedule's `catchUp` says. A change of the pattern, and the end of a suspension, begin a new count from then.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #schedules: LiveKind<Schedule>;
  readonly #runs: ScheduledRuns;
  readonly #statuses: StatusWriter;
  readonly #held = new Map<string, HeldSchedule>();
  readonly #firing = new Set<Promise<void>>();
  #taker: TickTaker | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { open, store, clock, logger } = options;
    this.#statuses = new StatusWriter({ store, clock, logger, state: (key) => this.#state(key) });
    this.#runs = new ScheduledRuns({
      open,
      store,
      logger,
      remembered: (key) => instantOf(this.#held.get(key)?.schedule.status?.lastSuccess),
      onChange: (key) => this.#statuses.changed(key),
    });
    this.#schedules = open<Schedule>({ kind: 'tappet.dev/Schedule', onChange: (now, before) => this.#onSchedule(now, before) });
  }

  /** Resolves when schedules are listed. Nothing fires yet, but ticks of an earlier life can be judged. */
  async start(): Promise<void> {
    await this.#schedules.start();
    // A long history of runs holds up nobody: only statuses tell of it.
    void this.#runs.start().then(() => this.configurationChanged());
  }

  /** From here on ticks fire, beginning with those missed. */
  begin(taker: TickTaker): void {
    this.#taker = taker;
    this.#wake();
  }

  /** By `namespace/name`. */
  get(key: string): Stored<Schedule> | undefined {
    return this.#schedules.get(key);
  }

  /** Something that schedules' statuses tell of may have changed. */
  configurationChanged(): void {
    for (const key of this.#held.keys()) this.#statuses.changed(key);
  }

  /** Hears of each event that was processed. */
  processed(delivery: Delivery, came: EventResult): void {
    const held = this.#held.get(`${delivery.namespace}/${scheduleOfTick(delivery)}`);
    if (held === undefined || (came.problems.length === 0 && !came.created)) return;
    held.result = { eventId: delivery.eventId, came };
    this.#statuses.changed(keyOf(held.schedule));
  }

  /** Fires a schedule now, be it suspended or not; nothing of its own times changes. Rejects when the journal cannot take it. */
  async runNow(key: string): Promise<RunNow> {
    const schedule = this.get(key);
    if (schedule === undefined) return { outcome: 'unknown' };
    if (this.#taker === undefined || this.#taker.full) return { outcome: 'busy' };
    const { clock, ids, journal } = this.#options;
    const firedAt = clock.now();
    const tick = { scheduledFor: firedAt, firedAt, lastSuccess: this.#runs.lastSuccess(key) };
    const delivery = manualDelivery(schedule, tick, ids.uuid());
    await journal.append(delivery);
    this.#taker.offer({ delivery });
    return { outcome: 'accepted', eventId: delivery.eventId, scheduledFor: timestamp(firedAt) };
  }

  /** Fires nothing more, and writes down what is known. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await Promise.allSettled(this.#firing);
    await this.#statuses.close();
    await this.#runs.close();
    await this.#schedules.close();
  }

  #onSchedule(now: Stored<Schedule> | undefined, before: Stored<Schedule> | undefined): void {
    const schedule = now ?? before;
    if (schedule === undefined) return;
    const key = keyOf(schedule);
    if (now === undefined || now.metadata.deletionTimestamp !== undefined) this.#held.delete(key);
    else {
      const known = this.#held.get(key);
      const same = known?.schedule.metadata.uid === now.metadata.uid ? known : undefined;
      if (same?.schedule.metadata.generation === now.metadata.generation) {
        same.schedule = now;
        if (!this.#firesFor(now)) this.#learn(same);
        return;
      }
      this.#held.set(key, holdSchedule(now, same, this.#options.clock.now()));
      this.#statuses.changed(key);
    }
    this.#wake();
  }

  /** Fires what is due, and waits for what is next. */
  #wake(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#closed || this.#taker === undefined) return;
    const now = this.#options.clock.now();
    let soonest = Number.POSITIVE_INFINITY;
    let begun = 0;
    for (const [key, held] of this.#held) {
      if (now < held.considered) {
        // The clock was put back. What comes again by it is in the journal, and does not fire again.
        held.considered = now;
        planNext(held);
      }
      if (held.next === undefined || held.busy) continue;
      if (!this.#firesFor(held.schedule)) {
        // Looked at again: a tick that nobody fires while replicas change is late, and then caught up.
        soonest = Math.min(soonest, Math.max(held.next.fireAt, now) + RETRY_MS);
        continue;
      }
      const at = Math.max(held.next.fireAt, held.notBefore);
      if (at > now || ++begun > MOST_AT_ONCE) soonest = Math.min(soonest, at);
      else this.#begin(key, held, this.#taker);
    }
    if (soonest === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#options.clock.at(Math.min(soonest, now + LONGEST_SLEEP_MS), () => this.#wake());
  }

  #firesFor({ metadata }: Stored<Schedule>): boolean {
    return this.#options.firesFor?.(metadata.namespace ?? '') ?? true;
  }

  /** How far another process has come. */
  #learn(held: HeldSchedule): void {
    const considered = instantOf(held.schedule.status?.consideredUntil);
    if (considered === undefined || considered <= held.considered) return;
    held.considered = considered;
    planNext(held);
    this.#wake();
  }

  #begin(key: string, held: HeldSchedule, taker: TickTaker): void {
    held.busy = true;
    const firing = this.#fire(key, held, taker)
      .catch((error: unknown) => {
        held.notBefore = this.#options.clock.now() + RETRY_MS;
        this.#options.logger.warn('tick not stored, trying again', {
          schedule: key,
          error: error instanceof Error ? error.message : String(error),
        });
      })
      .finally(() => {
        this.#firing.delete(firing);
        held.busy = false;
        this.#wake();
      });
    this.#firing.add(firing);
  }

  async #fire(key: string, held: HeldSchedule, taker: TickTaker): Promise<void> {
    const { clock, journal, logger } = this.#options;
    const { schedule, timing, next: first } = held;
    const now = clock.now();
    if (timing === undefined || first === undefined) return;
    if (taker.full) {
      held.notBefore = now + RETRY_MS;
      return;
    }
    const { ticks: ripe, next } = ripeTicks(timing, first, now);
    const unfired = ripe.some((tick) => isLate(tick, now)) ? await this.#unfired(schedule, ripe) : ripe;
    // Changed, suspended or deleted meanwhile: then what is due is another's to say.
    if (this.#closed || this.#held.get(key) !== held) return;
    const { fire, missed } = chooseTicks(unfired, now, {
      window: parseDuration(schedule.spec.catchUp?.window ?? '0s') ?? 0,
      limit: schedule.spec.catchUp?.limit ?? 0,
    });
    const lastSuccess = this.#runs.lastSuccess(key);
    await Promise.all(
      fire.map(async ({ scheduledFor }) => {
        const delivery = tickDelivery(schedule, { scheduledFor, firedAt: now, lastSuccess });
        const { duplicate } = await journal.append(delivery);
        if (!duplicate) taker.offer({ delivery });
      }),
    );
    held.considered = ripe.at(-1)?.scheduledFor ?? held.considered;
    held.next = next;
    const last = fire.at(-1);
    if (last !== undefined) {
      held.last = { scheduledFor: last.scheduledFor, firedAt: now, eventId: tickEventId(schedule.metadata.uid, last.scheduledFor) };
    }
    if (missed > 0) {
      const caughtUp = fire.filter((tick) => isLate(tick, now)).length;
      held.lastCatchUp = catchUpOf(unfired.slice(0, missed), caughtUp, ripe.length > MOST_MISSED, now);
      logger.warn('ticks were missed', { schedule: key, missed, fired: caughtUp });
    }
    this.#statuses.changed(key);
  }

  /** A crash may have come between a tick's append and the status that tells of it. */
  async #unfired({ metadata }: Stored<Schedule>, ripe: readonly PlannedTick[]): Promise<readonly PlannedTick[]> {
    const entries = await Promise.all(ripe.map(({ scheduledFor }) => this.#options.journal.get(tickEventId(metadata.uid, scheduledFor))));
    return ripe.filter((_, index) => entries[index] === undefined);
  }

  #state(key: string): { readonly schedule: Stored<Schedule>; readonly status: ScheduleStatus } | undefined {
    const held = this.#held.get(key);
    if (held === undefined || !this.#firesFor(held.schedule)) return undefined;
    const { schedule, defect, next, last, lastCatchUp, result, considered } = held;
    const status = scheduleStatus({
      schedule,
      now: this.#options.clock.now(),
      consideredUntil: considered,
      nextFireTime: next?.scheduledFor,
      defect,
      target: this.#options.target(schedule),
      last,
      lastCatchUp,
      lastSuccess: this.#runs.lastSuccess(key),
      active: this.#runs.active(key),
      result,
    });
    return { schedule, status };
  }
}

/** `more`: there were others before, which nobody counted. */
function catchUpOf(missed: readonly PlannedTick[], fired: number, more: boolean, now: number): ScheduleStatus['lastCatchUp'] {
  const [first, last] = [missed[0], missed.at(-1)].map((tick) => timestamp(tick?.scheduledFor ?? now));
  const ticks = missed.length === 1 ? `1 tick, due ${first}` : `${missed.length} ticks, due from ${first} to ${last}`;
  const message = `missed ${more ? 'at least ' : ''}${ticks}; fired ${fired} of them late`;
  return { at: timestamp(now), missed: missed.length, fired, message };
}

function keyOf({ metadata }: Stored<Schedule>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
