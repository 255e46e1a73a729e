import { describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { Journal } from '../ports/journal.ts';
import { StoreError } from '../ports/store.ts';
import { EventTally } from '../server/metrics/event-tally.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { startRetention } from './retention.ts';

const HOUR = 3_600_000;

function world(limits: { readonly maxAgeMs?: number; readonly maxCount?: number }, journal?: Journal) {
  const clock = new ManualClock();
  const stores = openMemory({ clock, ids: countingIds() });
  const tally = new EventTally();
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const retention = startRetention({
    journal: journal ?? stores.journal,
    clock,
    logger,
    meter: tally,
    maxAgeMs: limits.maxAgeMs ?? Number.MAX_SAFE_INTEGER,
    maxCount: limits.maxCount ?? Number.MAX_SAFE_INTEGER,
  });
  return {
    clock,
    tally,
    warnings,
    retention,
    async event(eventId: string, processed = true) {
      const delivery = { eventId, deliveryId: eventId, namespace: 'ns', listener: 'el', method: 'POST', url: '/', headers: {} };
      await stores.journal.append({ ...delivery, receivedAt: clock.now(), body: Buffer.from('{}') });
      if (processed) await stores.journal.complete(eventId, { verdicts: [], processedAt: clock.now(), creations: [] });
    },
    /** Turns the hands, by minutes, and lets what is due be done. */
    async pass(ms: number) {
      const until = clock.now() + ms;
      do {
        clock.advance(Math.min(60_000, until - clock.now()));
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      } while (clock.now() < until);
    },
    left: async () => (await stores.journal.list()).map(({ eventId }) => eventId),
  };
}

describe('retention', () => {
  it('forgets at the start and every five minutes what is too old', async () => {
    const { clock, tally, retention, event, pass, left } = world({ maxAgeMs: HOUR });
    await event('e1');
    await pass(0);
    await event('waiting', false);
    await pass(HOUR / 2);
    await event('e2');
    await event('e3');
    expect(await left()).toEqual(['e3', 'e2', 'waiting', 'e1']);
    await pass(HOUR / 2 + 5 * 60_000);
    expect(await left()).toEqual(['e3', 'e2', 'waiting']);
    await pass(HOUR);
    expect(await left()).toEqual(['e3', 'waiting']);
    expect(tally.text()).toContain('tappet_events_forgotten_total 2\n');
    await retention.close();
    expect(clock.next).toBeUndefined();
  });

  it('forgets what is too many', async () => {
    const { retention, event, pass, left } = world({ maxCount: 2 });
    for (const id of ['e1', 'e2', 'e3', 'e4']) await event(id);
    await pass(0);
    expect(await left()).toEqual(['e4', 'e3']);
    await event('e5');
    await pass(5 * 60_000);
    expect(await left()).toEqual(['e5', 'e4']);
    await retention.close();
  });

  it('tries again when the store was away', async () => {
    let asked = 0;
    const prune = async (): Promise<number> => {
      asked++;
      throw new StoreError('Unavailable', 'away');
    };
    const { warnings, retention, pass } = world({}, { prune } as Partial<Journal> as Journal);
    await pass(0);
    await pass(5 * 60_000);
    expect([asked, warnings]).toEqual([2, ['old events not forgotten', 'old events not forgotten']]);
    await retention.close();
  });

  it('closing waits for the round under way, and begins no other', async () => {
    let end: (gone: number) => void = () => {};
    const prune = () => new Promise<number>((resolve) => (end = resolve));
    const { clock, retention, pass } = world({}, { prune } as Partial<Journal> as Journal);
    await pass(0);
    let closed = false;
    const closing = retention.close().then(() => (closed = true));
    await pass(0);
    expect(closed).toBe(false);
    end(0);
    await closing;
    expect(clock.next).toBeUndefined();
  });
});
