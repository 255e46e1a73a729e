import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Delivery, Journal, JournalEntry } from '../ports/journal.ts';
import type { KubeObject } from '../resources/object.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import type { Outside } from '../triggers/outside.ts';
import type { AdmitManifest } from './admit-manifests.ts';
import { asTriggerTest } from './as-trigger-test.ts';
import { type EventActions, type Refused, refused } from './event-actions.ts';
import { explainTrigger } from './explain-trigger.ts';
import type { Judge } from './judge.ts';
import type { EventProcessor } from './process.ts';
import type { KnownSecret } from './redaction.ts';
import { dryRun, repeatedDelivery } from './replay.ts';

export interface EventActionsOptions {
  readonly journal: Journal;
  readonly processor: Pick<EventProcessor, 'full' | 'offer'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What an event is judged by, as it is now. */
  readonly listenerOf: (delivery: Delivery) => CompiledListener | undefined;
  readonly outside: Outside;
  readonly admit: AdmitManifest;
  /** Secrets of these namespaces that an event may have to do with, key by key. */
  readonly secretsOf: (namespaces: readonly string[]) => Promise<readonly KnownSecret[]>;
  /** Judges as the server would with these objects laid over those it has. */
  readonly judgeWith: (objects: readonly KubeObject[]) => Judge;
}

export function createEventActions(options: EventActionsOptions): EventActions {
  const { journal, processor, clock, ids } = options;

  /** The entry, if what came with the event is still there. */
  async function find(eventId: string): Promise<JournalEntry | Refused> {
    const entry = await journal.get(eventId);
    if (entry === undefined) return refused('NotFound', `event ${eventId} is not in the journal; old ones are forgotten`);
    if (entry.lost !== undefined) return refused('Conflict', `nothing can be done with event ${eventId}: ${entry.lost}`);
    return entry;
  }

  return {
    async explain(eventId, trigger) {
      const entry = await find(eventId);
      if ('outcome' in entry) return entry;
      return entry.state === 'rejected' ? noBody(entry, 'explained') : await explainTrigger(options, entry, trigger);
    },
    async replay(eventId, request) {
      const entry = await find(eventId);
      if ('outcome' in entry) return entry;
      const { dryRun: dry = false, configuration } = request;
      if (configuration !== undefined && !dry)
        return refused('Invalid', 'configuration is only for a dry run: apply it to replay an event with it');
      if (entry.state === 'rejected' && !dry) return noBody(entry, 'replayed, but as a dry run with a payload of yours');
      if (entry.state === 'rejected' && request.payload === undefined) return noBody(entry, 'tried without a payload of yours');
      if (!dry && processor.full) return busy();
      const delivery = repeatedDelivery(entry, request, options.listenerOf(entry)?.secretHeaders ?? []);
      if (dry) return await dryRun(options, entry, delivery, configuration ?? []);
      const replay = { ...delivery, eventId: ids.uuid(), receivedAt: clock.now() };
      await journal.append(replay);
      processor.offer({ delivery: replay });
      return { outcome: 'taken', eventId: replay.eventId };
    },
    async retry(eventId) {
      const entry = await find(eventId);
      if ('outcome' in entry) return entry;
      if (processor.full) return busy();
      switch (await journal.reopen(eventId)) {
        case 'rejected':
          return noBody(entry, 'retried');
        case 'accepted':
          return refused('Conflict', `event ${eventId} is not processed yet: there is nothing to retry`);
        case 'processed':
          processor.offer({ delivery: entry });
          return { outcome: 'taken', eventId };
      }
    },
    async asTest(eventId) {
      const entry = await find(eventId);
      if ('outcome' in entry) return entry;
      if (entry.state === 'rejected') return noBody(entry, 'made a test of');
      if (entry.state === 'accepted')
        return refused('Conflict', `event ${eventId} is not processed yet: nobody knows what to expect of it`);
      if (!isText(entry.body)) return refused('Conflict', `the body of event ${eventId} is no text: no test can be written of it`);
      const namespaces = [...new Set([entry.namespace, ...entry.verdicts.map(({ namespace }) => namespace)])];
      const secrets = await options.secretsOf(namespaces);
      return {
        outcome: 'written',
        test: await asTriggerTest(entry, { listener: options.listenerOf(entry), outside: options.outside, secrets }),
      };
    },
  };
}

function isText(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8'), 'utf8').equals(body);
}

function noBody({ eventId, rejection }: JournalEntry, what: string): Refused {
  return refused(
    'Conflict',
    `event ${eventId} was rejected (${rejection ?? 'not authentic'}), so its body was not kept: it cannot be ${what}`,
  );
}

function busy(): Refused {
  return refused('Unavailable', 'too many events are waiting; try again');
}
