import type { KubeObject, Stored } from '../resources/object.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';

/** One delivery as it came over the wire, already authenticated. */
export interface Delivery {
  /** UUID we answered with; label `triggers.tekton.dev/triggers-eventid` of everything the event creates. */
  readonly eventId: string;
  /** The sender's own id (X-GitHub-Delivery, X-Gitlab-Event-UUID …, a schedule's uid and its tick's time). Absent: never deduplicated. */
  readonly deliveryId?: string | undefined;
  readonly namespace: string;
  /** Name of the EventListener; `schedule/<name>` of a Schedule's tick. */
  readonly listener: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** `TICK` of a schedule's. */
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** Canonical names (`X-Github-Event`), every value kept. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Raw bytes. */
  readonly body: Buffer;
  /** Set on a replay: the event this one repeats. */
  readonly replayOf?: string | undefined;
}

/** `rejected`: not authentic; its body is not kept and it holds no delivery id. */
export type EventState = 'accepted' | 'processed' | 'rejected';

export interface JournalEntry extends Delivery {
  /** Order of arrival, from 1. */
  readonly sequence: number;
  readonly state: EventState;
  readonly verdicts: readonly TriggerVerdict[];
  readonly processedAt?: number | undefined;
  /** Why a rejected delivery was refused. */
  readonly rejection?: string | undefined;
  /** Set when what was received cannot be read any more, as after damage to the disk: why. Method, URL, headers and body are empty then. */
  readonly lost?: string | undefined;
  /** How often processing was begun; a poisoned event is given up after a few. */
  readonly attempts: number;
}

export interface EventFilter {
  readonly namespace?: string | undefined;
  readonly listener?: string | undefined;
  readonly state?: EventState | undefined;
  /** Newest first, at most this many; 100 when absent. */
  readonly limit?: number | undefined;
  /** Only entries with a smaller sequence. */
  readonly before?: number | undefined;
}

export interface Appended {
  /** The id to answer with: the first delivery's when this one repeats it. */
  readonly eventId: string;
  readonly duplicate: boolean;
}

/** A rejected delivery: what is kept of it. */
export type Rejection = Omit<Delivery, 'body' | 'deliveryId'> & { readonly reason: string; readonly verdicts: readonly TriggerVerdict[] };

/**
 * The durable list of what arrived and what became of it.
 *
 * - `append` resolves after the entry is on disk (fsync); appends of one turn share one fsync. A known
 *   (namespace, listener, deliveryId) adds nothing and gives the first entry's id.
 * - `complete` records the verdicts. Where the store is the same database the objects are created in the same transaction;
 *   elsewhere they are created first, and an object that exists already counts as created (names are deterministic).
 *   It is idempotent: completing a processed entry changes nothing.
 * - `reopen` puts a processed entry back to accepted, as if no attempt at it had been made: it is judged again under its own id, so that what it
 *   created before is found and what is missing is created. Its verdicts stay until `complete` has new ones. An entry in another state stays as it is.
 * - `unprocessed` gives accepted entries, oldest first.
 * - `begin`, `complete` and `reopen` reject with `StoreError` `NotFound` for an event the journal does not hold.
 * - Creations come in lists, one for each verdict. Each list is created in its order up to the first that the store refuses: that one is `failed`,
 *   those behind it `skipped`, and the verdict becomes the failure it is (`triggers/note-failures.ts`). Other lists are unaffected.
 */
export interface Journal {
  append(delivery: Delivery): Promise<Appended>;
  reject(rejection: Rejection): Promise<void>;
  unprocessed(limit: number): Promise<readonly JournalEntry[]>;
  /** Counts one more attempt at processing, durably, before the attempt is made. */
  begin(eventId: string): Promise<void>;
  complete(eventId: string, outcome: EventOutcome): Promise<readonly (readonly CreationResult[])[]>;
  /** Gives the state it was in. */
  reopen(eventId: string): Promise<EventState>;
  get(eventId: string): Promise<JournalEntry | undefined>;
  list(filter?: EventFilter): Promise<readonly JournalEntry[]>;
  /**
   * Forgets entries that are done with, and with them their delivery ids: how far back a repeated delivery is recognised is how long
   * entries are kept. Gives how many went. Accepted entries and the newest one stay.
   */
  prune(retention: Retention): Promise<number>;
}

/** An entry goes when either says so. */
export interface Retention {
  /** Received before this instant (milliseconds since the epoch). */
  readonly olderThan?: number | undefined;
  /** At least so many newer entries exist. */
  readonly keep?: number | undefined;
}

export interface EventOutcome {
  readonly verdicts: readonly TriggerVerdict[];
  readonly processedAt: number;
  /** Of each verdict, in order. Each is created unless this event has created it before; an object of that name by anybody else makes it fail. */
  readonly creations: readonly (readonly KubeObject[])[];
}

export type CreationResult =
  | { readonly outcome: 'created' | 'exists'; readonly object: Stored }
  | { readonly outcome: 'failed'; readonly error: string }
  /** One before it in its list was refused. */
  | { readonly outcome: 'skipped' };

/** As `noteFailures` wants it. */
export function refusalOf(result: CreationResult): string | null | undefined {
  if (result.outcome === 'failed') return result.error;
  return result.outcome === 'skipped' ? null : undefined;
}
