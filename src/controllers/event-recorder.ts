import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { RunEvent } from './condition-event.ts';

export interface EventRecorderOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** As much as Kubernetes takes. */
const LONGEST_MESSAGE = 1024;

/**
 * Writes core/v1 Events beside an object, where `kubectl describe` looks. One Event an object and reason, with a count: whatever goes wrong
 * again and again is one line that counts, as client-go's event correlator makes it of a flood. They belong to the object and go with it.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** The same again, to the letter, is taken for the same transition decided twice. */
  transition(about: Stored, event: RunEvent): Promise<void> {
    return this.#record(about, event, (known) => known['message'] !== event.message);
  }

  /** What happens again counts again. */
  occurrence(about: Stored, event: RunEvent): Promise<void> {
    return this.#record(about, event, () => true);
  }

  /** Never rejects: that something cannot be told must not keep it from being done. */
  async #record(about: Stored, event: RunEvent, counts: (known: KubeObject) => boolean): Promise<void> {
    const { store, logger } = this.#options;
    const next = this.#object(about, event);
    const { name = '', namespace } = next.metadata;
    try {
      // Written first, and in the same turn: it shares the transaction of what it tells of, and on a cluster most Events cost one request.
      if (await isCreated(store, next)) return;
      const known = await store.get({ kind: 'Event', namespace, name });
      if (known !== undefined && counts(known)) {
        const { message, lastTimestamp } = next;
        await store.patch({ kind: 'Event', namespace, name }, { message, lastTimestamp, count: Number(known['count'] ?? 1) + 1 });
      }
    } catch (error) {
      if (error instanceof StoreError && error.code === 'NotFound') return;
      logger.warn('an Event could not be written', { event: name, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #object(about: Stored, { type, reason, message }: RunEvent): KubeObject {
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
