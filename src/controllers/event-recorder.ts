import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { RunEvent } from './condition-event.ts';
import type { Pace } from './pace.ts';
import { Recent } from './recent.ts';

export interface EventRecorderOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long what goes on is kept back. Absent: not at all. */
  readonly pace?: Pick<Pace, 'eventsMs' | 'childEventsMs'> | undefined;
}

/** As much as Kubernetes takes. */
const LONGEST_MESSAGE = 1024;
/** Of so many Events it is known what they say, and nobody needs to be asked. */
const WRITTEN = 4_096;

/** What an Event says and how often it was told. */
interface Written {
  readonly message: string;
  readonly count: number;
}

/** What goes on with an object and is not told yet: the last of each reason, in the order of their beginning. */
interface Waiting {
  readonly about: Stored;
  readonly events: Map<string, RunEvent>;
  readonly cancel: () => void;
}

/**
 * Writes core/v1 Events beside an object, where `kubectl describe` looks. One Event an object and reason, with a count: whatever goes wrong
 * again and again is one line that counts, as client-go's event correlator makes it of a flood. They belong to the object and go with it.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #written = new Recent<Written>(WRITTEN);
  /** Why the last one could not be written: a right that is missing is said once. */
  #told: string | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** The same again, to the letter, is taken for the same transition decided twice. What goes on may be kept back, and is dropped when it ends. */
  transition(about: Stored, event: RunEvent): Promise<void> {
    const { pace } = this.#options;
    const delay = pace === undefined ? 0 : owningRun(about) === undefined ? pace.eventsMs : pace.childEventsMs;
    if (event.goesOn && delay > 0) {
      this.#keep(about, event, delay);
      return Promise.resolve();
    }
    this.#take(about.metadata.uid);
    return this.#tell(about, event);
  }

  /** One more of its kind counts again. */
  occurrence(about: Stored, event: RunEvent): Promise<void> {
    return this.#record(about, event, () => true);
  }

  /** Tells what is kept back. */
  async close(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((uid) => this.#release(uid)));
  }

  #tell(about: Stored, event: RunEvent): Promise<void> {
    return this.#record(about, event, (known) => known.message !== event.message);
  }

  #keep(about: Stored, event: RunEvent, delay: number): void {
    const { clock } = this.#options;
    const { uid } = about.metadata;
    const known = this.#waiting.get(uid);
    if (known !== undefined) known.events.set(event.reason, event);
    else {
      const cancel = clock.at(clock.now() + delay, () => void this.#release(uid));
      this.#waiting.set(uid, { about, events: new Map([[event.reason, event]]), cancel });
    }
  }

  #take(uid: string): Waiting | undefined {
    const waiting = this.#waiting.get(uid);
    this.#waiting.delete(uid);
    waiting?.cancel();
    return waiting;
  }

  async #release(uid: string): Promise<void> {
    const waiting = this.#take(uid);
    if (waiting === undefined) return;
    for (const event of waiting.events.values()) await this.#tell(waiting.about, event);
  }

  /** Never rejects: that something cannot be told must not keep it from being done. */
  async #record(about: Stored, event: RunEvent, counts: (known: Written) => boolean): Promise<void> {
    const { logger } = this.#options;
    const next = this.#object(about, event);
    const { name = '' } = next.metadata;
    try {
      const known = this.#written.get(keyOf(next));
      // Without a pause where nothing is known: it shares the transaction of what it tells of.
      const again = known && (counts(known) ? await this.#again(next, known) : known);
      this.#written.set(keyOf(next), again ?? (await this.#first(next, counts)));
      this.#told = undefined;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'NotFound') return;
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#told) logger.warn('an Event could not be written', { event: name, error: problem });
      this.#told = problem;
    }
  }

  /** `undefined`: it is there no more. Kubernetes keeps Events for an hour. */
  async #again(next: EventObject, known: Written): Promise<Written | undefined> {
    try {
      return await this.#count(next, known.count + 1);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'NotFound') throw error;
      this.#written.delete(keyOf(next));
      return undefined;
    }
  }

  /** Written before anything is asked: most Events are the first of their kind. */
  async #first(next: EventObject, counts: (known: Written) => boolean): Promise<Written> {
    const { store } = this.#options;
    const { message } = next;
    if (await isCreated(store, next)) return { message, count: 1 };
    const { namespace, name = '' } = next.metadata;
    const found = await store.get({ kind: 'Event', namespace, name });
    if (found === undefined) return { message, count: 1 };
    const known = { message: String(found['message'] ?? ''), count: Number(found['count'] ?? 1) };
    return counts(known) ? this.#count(next, known.count + 1) : known;
  }

  async #count({ metadata: { namespace, name = '' }, message, lastTimestamp }: EventObject, count: number): Promise<Written> {
    await this.#options.store.patch({ kind: 'Event', namespace, name }, { message, lastTimestamp, count });
    return { message, count };
  }

  #object(about: Stored, { type, reason, message }: RunEvent): EventObject {
    const { apiVersion, kind, metadata } = about;
    const { name, namespace, uid, resourceVersion } = metadata;
    const at = timestamp(this.#options.clock.now());
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName(name, uid, reason), namespace, ownerReferences: [{ apiVersion, kind, name, uid }] },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
      type,
      reason,
      message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component: kind },
      reportingComponent: kind,
      reportingInstance: '',
    };
  }
}

type EventObject = KubeObject & { readonly message: string; readonly lastTimestamp: string };

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}

/** `false`: there is one by that name. */
async function isCreated(store: Store, event: KubeObject): Promise<boolean> {
  try {
    await store.create(event);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'AlreadyExists') return false;
    throw error;
  }
}

/** `<object>.<16 hex digits>` as client-go names them, with digits of the uid and the reason instead of the time. */
function eventName(object: string, uid: string, reason: string): string {
  return `${object}.${fnv1a(uid)}${fnv1a(reason)}`;
}

function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
