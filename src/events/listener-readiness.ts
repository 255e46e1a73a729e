import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Condition, Stored } from '../resources/object.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';

/** Changes of configuration come in bursts (one `apply`); they are looked at together. */
const SETTLE_MS = 200;
const LONGEST_MESSAGE = 1_000;

export interface ListenerReadinessOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly listeners: () => Iterable<Stored<EventListener>>;
  /** What is wrong with a listener's triggers as they are written. */
  readonly judge: (listener: Stored<EventListener>) => Pick<CompiledListener, 'defects' | 'warnings'>;
  /** Where its events are sent. */
  readonly url: (listener: Stored<EventListener>) => string;
}

/**
 * Tells in each listener's status where it is reached and whether its triggers can fire as they are written, before any event comes:
 * a missing template or a CEL filter that does not compile should not wait for a pull request to be found.
 */
export class ListenerReadiness {
  readonly #options: ListenerReadinessOptions;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ListenerReadinessOptions) {
    this.#options = options;
  }

  /** Something a listener may lead to has changed. */
  changed(): void {
    if (this.#cancel !== undefined || this.#closed) return;
    const { clock, logger } = this.#options;
    this.#cancel = clock.at(clock.now() + SETTLE_MS, () => {
      this.#cancel = undefined;
      this.#looking = this.#look().catch((error: unknown) => {
        logger.warn('listener status not written', { error: error instanceof Error ? error.message : String(error) });
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#looking;
  }

  async #look(): Promise<void> {
    for (const listener of [...this.#options.listeners()]) await this.#tell(listener);
  }

  async #tell(listener: Stored<EventListener>): Promise<void> {
    const { store, clock, judge, url } = this.#options;
    const { namespace, name } = listener.metadata;
    const { defects, warnings } = judge(listener);
    const address = { url: url(listener) };
    const condition = {
      type: 'Ready',
      status: defects.length === 0 ? 'True' : 'False',
      reason: defects.length === 0 ? 'Serving' : 'TriggersCannotFire',
      message: [...defects, ...warnings].join('\n').slice(0, LONGEST_MESSAGE),
    } as const;
    const current = await store.get<EventListener>({ kind: 'triggers.tekton.dev/EventListener', namespace, name });
    if (current === undefined || current.metadata.deletionTimestamp !== undefined) return;
    const conditions = current.status?.conditions ?? [];
    if (conditions.some((known) => sameCondition(known, condition)) && current.status?.address?.url === address.url) return;
    const lastTransitionTime = timestamp(clock.now());
    const others = conditions.filter(({ type }) => type !== 'Ready');
    try {
      await store.updateStatus({
        ...current,
        status: { ...current.status, address, conditions: [{ ...condition, lastTransitionTime }, ...others] },
      });
    } catch (error) {
      // Changed or gone meanwhile: the change brings us back here.
      if (!(error instanceof StoreError) || (error.code !== 'Conflict' && error.code !== 'NotFound')) throw error;
    }
  }
}

function sameCondition(a: Condition, b: Condition): boolean {
  return a.type === b.type && a.status === b.status && a.reason === b.reason && (a.message ?? '') === b.message;
}
