import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import { type CreationResult, type Delivery, type Journal, refusalOf } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import { StoreError } from '../ports/store.ts';
import { noteFailures } from '../triggers/note-failures.ts';
import type { OpenEvent } from '../triggers/open-event.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { failedEvent, type Judge, type Judgement } from './judge.ts';
import { Lanes } from './lanes.ts';
import type { EventResult } from './listener-status.ts';
import { Pauses } from './pauses.ts';

/** An accepted delivery on its way to its verdicts. */
export interface Work {
  readonly delivery: Delivery;
  /** The event as it was opened to authenticate it, with all that was worked out then. Absent after a restart. */
  readonly opened?: OpenEvent | undefined;
  /** Attempts that were begun in an earlier life; absent for an event just accepted. */
  readonly attempts?: number | undefined;
  /** Why there is nothing left to judge. */
  readonly lost?: string | undefined;
}

export interface ProcessorOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: EventMeter;
  readonly judge: Judge;
  /** Hears of each event whose verdicts are in the journal. */
  readonly onProcessed: (delivery: Delivery, result: EventResult) => void;
  /** Events of one lane are judged one after the other, each when the one before it is done. Absent, or `undefined`: no lane. */
  readonly laneOf?: ((delivery: Delivery) => string | undefined) | undefined;
  /** Events judged at once. */
  readonly concurrency?: number | undefined;
  /** Events, and bytes of their bodies, that may wait in memory. */
  readonly maxWaiting?: number | undefined;
  readonly maxWaitingBytes?: number | undefined;
}

/** After so many failed attempts an event is given up: it may be what kills us. */
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const PAGE = 200;

/**
 * Takes accepted events to their verdicts, in the order of their arrival, a bounded number at once. An event just accepted comes by memory;
 * those of an earlier life are read from the journal by `start`. One event that cannot be judged is given up after three attempts,
 * and others go on meanwhile. A store that is away is waited for.
 *
 * The first attempt at a fresh event is not counted in the journal (it would cost a write for each event), so that one which kills the process
 * is tried four times in all.
 */
export class EventProcessor {
  readonly #options: ProcessorOptions;
  readonly #concurrency: number;
  /** Taken places are emptied at once: what was opened of an event must not outlive its turn, or the collector has to carry it about. */
  #waiting: (Work | undefined)[] = [];
  /** Index of the first of `#waiting`: shifting an array of thousands costs. */
  #head = 0;
  #waitingBytes = 0;
  #active = 0;
  #closed = false;
  /** Everything in memory, waiting or in hand: recovery passes these over. */
  readonly #known = new Set<string>();
  readonly #lanes = new Lanes();
  /** Who waits for one event to leave memory. */
  readonly #finished = new Map<string, () => void>();
  #idle: (() => void)[] = [];
  /** Pauses under way; closing ends them. */
  readonly #pauses: Pauses;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
    this.#concurrency = options.concurrency ?? 64;
  }

  /** Too much waits: nothing more should be accepted for now. */
  get full(): boolean {
    const { maxWaiting = 10_000, maxWaitingBytes = 128 * 1024 * 1024 } = this.#options;
    return this.#waiting.length - this.#head >= maxWaiting || this.#waitingBytes >= maxWaitingBytes;
  }

  /** Events waiting or in hand. */
  get depth(): number {
    return this.#waiting.length - this.#head + this.#active;
  }

  /** Takes up what an earlier life accepted and did not finish, a page at a time. Resolves when all of it is done. */
  async start(): Promise<void> {
    while (!this.#closed) {
      const entries = await this.#options.journal.unprocessed(PAGE + this.#known.size);
      const fresh = entries.filter(({ eventId }) => !this.#known.has(eventId));
      if (fresh.length === 0) return;
      const done = fresh.map((entry) => new Promise<void>((resolve) => this.#finished.set(entry.eventId, resolve)));
      for (const entry of fresh) this.offer({ delivery: entry, attempts: entry.attempts, lost: entry.lost });
      await Promise.all(done);
    }
  }

  /** Takes over an event that was just accepted. */
  offer(work: Work): void {
    this.#known.add(work.delivery.eventId);
    this.#waiting.push(work);
    this.#waitingBytes += work.delivery.body.length;
    this.#next();
  }

  /** Resolves when nothing waits and nothing is in hand. */
  idle(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Begins nothing more, and resolves when what is in hand is done. What still waits is in the journal, for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    const left = this.#waiting.slice(this.#head) as Work[];
    this.#waiting = [];
    this.#head = 0;
    this.#waitingBytes = 0;
    for (const { delivery } of left) this.#forget(delivery);
    this.#pauses.end();
    await this.idle();
  }

  #next(): void {
    while (!this.#closed && this.#active < this.#concurrency && this.#head < this.#waiting.length) {
      const work = this.#waiting[this.#head] as Work;
      this.#waiting[this.#head++] = undefined;
      if (this.#head > 1_000 && this.#head * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#head);
        this.#head = 0;
      }
      this.#waitingBytes -= work.delivery.body.length;
      this.#active++;
      void this.#run(work);
    }
    if (this.depth === 0) {
      const idle = this.#idle;
      this.#idle = [];
      for (const resolve of idle) resolve();
    }
  }

  async #run(work: Work): Promise<void> {
    const { delivery } = work;
    try {
      await this.#lanes.run(this.#options.laneOf?.(delivery), () => this.#take(work));
    } catch (error) {
      // Not lost: it is unprocessed in the journal, and the next start takes it up.
      this.#options.logger.error('event left unprocessed', { eventId: delivery.eventId, error: textOf(error) });
    } finally {
      this.#active--;
      this.#forget(delivery);
      this.#next();
    }
  }

  async #take(work: Work): Promise<void> {
    const { delivery, attempts, lost } = work;
    // It waited in its lane meanwhile; the next start takes it up.
    if (this.#closed) return;
    if (lost !== undefined) await this.#giveUp(delivery, `given up: ${lost}`);
    else if (attempts === undefined) await this.#attempt(work, 0);
    else if (attempts < MAX_ATTEMPTS) await this.#beginAgain(work, attempts);
    else await this.#giveUp(delivery, `given up: ${attempts} attempts at it did not come to an end`);
  }

  /** Counts the attempt in the journal before it is made. */
  async #beginAgain(work: Work, attempts: number): Promise<void> {
    const counted = await this.#insist(() => this.#options.journal.begin(work.delivery.eventId).then(() => true));
    if (counted === true) await this.#attempt(work, attempts + 1);
  }

  async #attempt(work: Work, attempts: number): Promise<void> {
    const { delivery, opened } = work;
    let judgement: Judgement | undefined;
    try {
      judgement = await this.#insist(() => this.#options.judge(delivery, opened));
    } catch (error) {
      this.#options.logger.error('event cannot be judged', { eventId: delivery.eventId, attempts, error: textOf(error) });
      if (attempts >= MAX_ATTEMPTS) return await this.#giveUp(delivery, textOf(error));
      // What was worked out for the event may be what is wrong.
      return await this.#beginAgain({ delivery }, attempts);
    }
    if (judgement !== undefined) await this.#complete(delivery, judgement);
  }

  #giveUp(delivery: Delivery, error: string): Promise<void> {
    return this.#complete(delivery, { verdicts: [failedEvent(delivery, 'intercept', error)], creations: [] });
  }

  async #complete(delivery: Delivery, { verdicts, creations }: Judgement): Promise<void> {
    const { journal, clock, meter, onProcessed } = this.#options;
    const outcome = { verdicts, creations, processedAt: clock.now() };
    const results = await this.#insist(() => journal.complete(delivery.eventId, outcome));
    if (results === undefined) return;
    const settled = noteFailures(
      verdicts,
      results.map((list) => list.map(refusalOf)),
    );
    for (const { verdict } of settled) meter.judged(verdict);
    for (const result of results.flat()) if (result.outcome === 'created') meter.created(result.object.kind);
    onProcessed(delivery, resultOf(settled, results, outcome.processedAt));
  }

  #forget(delivery: Delivery): void {
    this.#known.delete(delivery.eventId);
    this.#finished.get(delivery.eventId)?.();
    this.#finished.delete(delivery.eventId);
  }

  /** Until it can be done, or we are closed: the store or the journal may be away for a while. */
  async #insist<T>(act: () => Promise<T>): Promise<T | undefined> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'Unavailable') throw error;
        if (this.#closed) return undefined;
        this.#options.logger.warn('store is away, trying again', { pauseMs: pause });
        await this.#pauses.wait(pause);
      }
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function resultOf(verdicts: readonly TriggerVerdict[], results: readonly (readonly CreationResult[])[], judgedAt: number): EventResult {
  const problems = verdicts.flatMap((verdict) =>
    verdict.verdict === 'failed' ? [`trigger ${JSON.stringify(verdict.trigger)}: ${verdict.error}`] : [],
  );
  return { problems, verdicts, judgedAt, created: results.flat().some(({ outcome }) => outcome === 'created' || outcome === 'exists') };
}
