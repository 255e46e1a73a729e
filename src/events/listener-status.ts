import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Condition, Stored } from '../resources/object.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';

/** Ours; upstream's own condition types say nothing of events. */
export const TRIGGERS_CONDITION = 'TriggersSucceeded';
const LONGEST_MESSAGE = 1_000;
/** A flood of failing events must not become a flood of writes. Milliseconds between two writes for one listener. */
const PAUSE_MS = 10_000;

interface Last {
  /** What was last written, without the event's id. */
  summary: string;
  at: number;
}

export interface EventResult {
  /** One text for each trigger that failed and each object that was refused. */
  readonly problems: readonly string[];
  /** Whether it created anything. */
  readonly created: boolean;
  readonly verdicts: readonly TriggerVerdict[];
  /** When the last trigger was judged and creating began. Milliseconds since the epoch. */
  readonly judgedAt: number;
}

export interface ListenerStatus {
  /** Notes one event. Never throws; the write happens behind the caller's back. */
  report(listener: Stored<EventListener>, eventId: string, came: Pick<EventResult, 'problems' | 'created'>): void;
  /** Resolves when what was reported is written. */
  settled(): Promise<void>;
}

/**
 * Puts what is wrong with a listener's triggers where people look for it: a condition of its status, `False` with the error of the last event that had one,
 * `True` again after one that created what it should.
 */
export function listenerStatus(store: Store, clock: Clock, logger: Logger): ListenerStatus {
  const lasts = new Map<string, Last>();
  const writes = new Set<Promise<void>>();

  async function write(listener: Stored<EventListener>, condition: Condition): Promise<void> {
    const { namespace, name } = listener.metadata;
    const kind = 'triggers.tekton.dev/EventListener';
    try {
      const current = await store.get<Stored<EventListener>>({ kind, namespace, name });
      if (current === undefined) return;
      const others = (current.status?.conditions ?? []).filter(({ type }) => type !== TRIGGERS_CONDITION);
      await store.updateStatus({ ...current, status: { ...current.status, conditions: [...others, condition] } });
    } catch (error) {
      // Changed or gone meanwhile, or the store is away: the journal has it all the same, and the next event tries again.
      lasts.delete(`${namespace}/${name}/${listener.metadata.uid}`);
      if (!(error instanceof StoreError)) throw error;
      logger.warn('listener status not written', { namespace, listener: name, code: error.code });
    }
  }

  return {
    report(listener, eventId, { problems, created }) {
      if (problems.length === 0 && !created) return;
      const summary = problems.join('\n');
      const { namespace, name, uid } = listener.metadata;
      const key = `${namespace}/${name}/${uid}`;
      const last = lasts.get(key) ?? { summary: '', at: Number.NEGATIVE_INFINITY };
      const now = clock.now();
      if (last.summary === summary || now - last.at < PAUSE_MS) return;
      lasts.set(key, { summary, at: now });
      const condition: Condition = {
        type: TRIGGERS_CONDITION,
        status: summary === '' ? 'True' : 'False',
        reason: summary === '' ? 'Succeeded' : 'TriggerFailed',
        message: summary === '' ? '' : `event ${eventId}: ${summary}`.slice(0, LONGEST_MESSAGE),
        lastTransitionTime: timestamp(now),
      };
      const writing = write(listener, condition).finally(() => writes.delete(writing));
      writes.add(writing);
      writing.catch((error: unknown) => logger.error('listener status failed', { error: String(error), namespace, listener: name }));
    },
    async settled() {
      await Promise.allSettled(writes);
    },
  };
}
