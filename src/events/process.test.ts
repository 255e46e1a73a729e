import { beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { Delivery, Journal } from '../ports/journal.ts';
import { StoreError } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import type { Judgement } from './judge.ts';
import type { EventResult } from './listener-status.ts';
import { EventProcessor, type ProcessorOptions } from './process.ts';

const uncounted = { received() {}, judged() {}, created() {}, repeated() {}, rejected() {}, forgotten() {} };

let clock: ManualClock;
let stores: ReturnType<typeof openMemory>;

beforeEach(() => {
  clock = new ManualClock();
  stores = openMemory({ clock, ids: countingIds() });
});

const delivery = (eventId: string): Delivery => ({
  eventId,
  namespace: 'ns',
  listener: 'el',
  receivedAt: 0,
  method: 'POST',
  url: '/ns/el',
  headers: {},
  body: Buffer.from('{}'),
});
const matched = (eventId: string): TriggerVerdict => ({
  verdict: 'matched',
  trigger: 't',
  namespace: 'ns',
  chain: [],
  tookMs: 0,
  params: [],
  manifests: [],
  created: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: `made-by-${eventId}` }],
});
const judgement = (eventId: string): Judgement => ({
  verdicts: [matched(eventId)],
  creations: [[{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `made-by-${eventId}`, namespace: 'ns' } }]],
});

function processor(options: Partial<ProcessorOptions> = {}): {
  processor: EventProcessor;
  results: [string, Pick<EventResult, 'problems' | 'created'>][];
} {
  const results: [string, Pick<EventResult, 'problems' | 'created'>][] = [];
  return {
    results,
    processor: new EventProcessor({
      journal: stores.journal,
      clock,
      logger: silentLogger,
      meter: uncounted,
      judge: ({ eventId }) => Promise.resolve(judgement(eventId)),
      onProcessed: ({ eventId }, { problems, created }) => results.push([eventId, { problems, created }]),
      ...options,
    }),
  };
}

const configMaps = async () => (await stores.store.list('ConfigMap')).items.map((item: Stored) => item.metadata.name);

/** Lets promises run until something holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it never held');
}

describe('processing', () => {
  it('takes an accepted event to its verdicts and creations', async () => {
    const { processor: events, results } = processor();
    await stores.journal.append(delivery('e1'));
    events.offer({ delivery: delivery('e1') });
    await events.idle();
    expect(await stores.journal.get('e1')).toMatchObject({
      state: 'processed',
      verdicts: [matched('e1')],
      processedAt: clock.now(),
      attempts: 0,
    });
    expect(await configMaps()).toEqual(['made-by-e1']);
    expect(results).toEqual([['e1', { problems: [], created: true }]]);
    expect(events.depth).toBe(0);
  });

  it('keeps the order of arrival and the bound', async () => {
    const begun: string[] = [];
    const gates = new Map<string, () => void>();
    const { processor: events } = processor({
      concurrency: 2,
      judge: ({ eventId }) => {
        begun.push(eventId);
        return new Promise((resolve) => gates.set(eventId, () => resolve(judgement(eventId))));
      },
    });
    for (const id of ['e1', 'e2', 'e3', 'e4']) {
      await stores.journal.append(delivery(id));
      events.offer({ delivery: delivery(id) });
    }
    expect(begun).toEqual(['e1', 'e2']);
    gates.get('e2')?.();
    await until(() => begun.length === 3);
    expect(begun).toEqual(['e1', 'e2', 'e3']);
    for (const id of ['e1', 'e3']) gates.get(id)?.();
    await until(() => begun.length === 4);
    gates.get('e4')?.();
    await events.idle();
  });

  it('keeps the events of one lane apart, also when one fails', async () => {
    const running = new Map<string, () => void>();
    const { processor: events } = processor({
      laneOf: ({ eventId }) => (eventId.startsWith('a') ? 'a' : undefined),
      judge: ({ eventId }) => new Promise((resolve) => running.set(eventId, () => resolve(judgement(eventId)))),
      journal: {
        ...stores.journal,
        complete: (eventId, outcome) =>
          eventId === 'a1' ? Promise.reject(new Error('broken')) : stores.journal.complete(eventId, outcome),
      },
    });
    const finish = (eventId: string): void => {
      running.get(eventId)?.();
      running.delete(eventId);
    };
    for (const id of ['a1', 'a2', 'b1', 'a3']) {
      await stores.journal.append(delivery(id));
      events.offer({ delivery: delivery(id) });
    }
    await until(() => running.size === 2);
    expect([...running.keys()]).toEqual(['a1', 'b1']);
    finish('a1');
    await until(() => running.has('a2'));
    expect([...running.keys()]).toEqual(['b1', 'a2']);
    finish('a2');
    await until(() => running.has('a3'));
    finish('b1');
    const closed = events.close();
    finish('a3');
    await closed;
    expect(await configMaps()).toEqual(['made-by-a2', 'made-by-a3', 'made-by-b1']);
  });

  it('closing leaves what waits in its lane in the journal', async () => {
    let release: () => void = () => {};
    const { processor: events } = processor({
      laneOf: () => 'a',
      judge: ({ eventId }) =>
        new Promise((resolve) => {
          release = () => resolve(judgement(eventId));
        }),
    });
    for (const id of ['e1', 'e2']) {
      await stores.journal.append(delivery(id));
      events.offer({ delivery: delivery(id) });
    }
    await new Promise((resolve) => setImmediate(resolve));
    const closed = events.close();
    release();
    await closed;
    expect((await stores.journal.unprocessed(10)).map(({ eventId }) => eventId)).toEqual(['e2']);
  });

  it('is full by number and by bytes of what waits', async () => {
    const stuck = { concurrency: 1, judge: () => new Promise<Judgement>(() => {}) };
    const byNumber = processor({ ...stuck, maxWaiting: 2 }).processor;
    const byBytes = processor({ ...stuck, maxWaitingBytes: 4 }).processor;
    for (const [events, count] of [
      [byNumber, 3],
      [byBytes, 3],
    ] as const) {
      for (let n = 1; n < count; n++) events.offer({ delivery: delivery(`e${n}`) });
      expect(events.full).toBe(false);
      events.offer({ delivery: delivery(`e${count}`) });
      expect(events.full).toBe(true);
    }
  });

  it('says what failed and what was refused', async () => {
    const failed: TriggerVerdict = {
      verdict: 'failed',
      stage: 'bind',
      trigger: 'b',
      namespace: 'ns',
      chain: [],
      tookMs: 0,
      error: 'no such key',
    };
    const { processor: events, results } = processor({
      judge: () =>
        Promise.resolve({
          verdicts: [failed, matched('e1')],
          creations: [[], [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns' } }]],
        }),
    });
    await stores.journal.append(delivery('e1'));
    events.offer({ delivery: delivery('e1') });
    await events.idle();
    expect(results).toEqual([
      ['e1', { problems: ['trigger "b": no such key', expect.stringMatching(/^trigger "t": ConfigMap made-by-e1: /)], created: false }],
    ]);
  });
});

describe('a poisoned event', () => {
  it('is given up after three counted attempts, and others go on', async () => {
    let attempts = 0;
    const { processor: events } = processor({
      judge: ({ eventId }) => {
        if (eventId !== 'bad') return Promise.resolve(judgement(eventId));
        attempts++;
        return Promise.reject(new Error('boom'));
      },
    });
    for (const id of ['bad', 'good']) {
      await stores.journal.append(delivery(id));
      events.offer({ delivery: delivery(id) });
    }
    await events.idle();
    expect(attempts).toBe(4);
    expect(await stores.journal.get('bad')).toMatchObject({
      state: 'processed',
      attempts: 3,
      verdicts: [{ verdict: 'failed', stage: 'intercept', trigger: '', error: 'boom' }],
    });
    expect(await configMaps()).toEqual(['made-by-good']);
  });

  it('whose payload is lost is given up without an attempt', async () => {
    await stores.journal.append(delivery('bad'));
    let judged = 0;
    const unprocessed: Journal['unprocessed'] = async (limit) =>
      (await stores.journal.unprocessed(limit)).map((entry) => ({ ...entry, lost: 'its payload is not in 1.log any more' }));
    const { processor: events } = processor({
      journal: { ...stores.journal, unprocessed },
      judge: () => Promise.resolve({ verdicts: [], creations: [], judged: judged++ }),
    });
    await events.start();
    expect(judged).toBe(0);
    expect(await stores.journal.get('bad')).toMatchObject({
      state: 'processed',
      verdicts: [{ verdict: 'failed', error: 'given up: its payload is not in 1.log any more' }],
    });
  });

  it('that kills the process is given up by a later life without another attempt', async () => {
    await stores.journal.append(delivery('bad'));
    for (let life = 0; life < 3; life++) await stores.journal.begin('bad');
    let judged = 0;
    const { processor: events } = processor({ judge: () => Promise.resolve({ verdicts: [], creations: [], judged: judged++ }) });
    await events.start();
    expect(judged).toBe(0);
    expect(await stores.journal.get('bad')).toMatchObject({
      state: 'processed',
      verdicts: [{ verdict: 'failed', error: 'given up: 3 attempts at it did not come to an end' }],
    });
  });
});

describe('recovery', () => {
  it('processes every entry without verdicts once, each attempt counted before it is made', async () => {
    for (let n = 0; n < 450; n++) await stores.journal.append(delivery(`e${n}`));
    const judged: string[] = [];
    let counted = true;
    const { processor: events } = processor({
      judge: async ({ eventId }) => {
        judged.push(eventId);
        counted &&= (await stores.journal.get(eventId))?.attempts === 1;
        return judgement(eventId);
      },
    });
    await events.start();
    expect(judged).toEqual(Array.from({ length: 450 }, (_, n) => `e${n}`));
    expect(counted).toBe(true);
    expect(await stores.journal.unprocessed(10)).toEqual([]);
    await events.start();
    expect(judged).toHaveLength(450);
  });

  it('does not take up what is in hand already', async () => {
    let judged = 0;
    let release: () => void = () => {};
    const { processor: events } = processor({
      judge: ({ eventId }) => {
        judged++;
        return new Promise((resolve) => {
          release = () => resolve(judgement(eventId));
        });
      },
    });
    await stores.journal.append(delivery('e1'));
    events.offer({ delivery: delivery('e1') });
    await events.start();
    release();
    await events.idle();
    expect(judged).toBe(1);
  });

  it('creates nothing twice when the completion was lost', async () => {
    await stores.journal.append(delivery('e1'));
    await stores.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made-by-e1', namespace: 'ns' } });
    const { processor: events } = processor();
    await events.start();
    expect(await configMaps()).toEqual(['made-by-e1']);
    expect(await stores.journal.get('e1')).toMatchObject({ state: 'processed' });
  });
});

describe('a store that is away', () => {
  it('is waited for, with growing pauses', async () => {
    let refusals = 3;
    const journal: Journal = {
      ...stores.journal,
      complete: (eventId, outcome) =>
        refusals-- > 0 ? Promise.reject(new StoreError('Unavailable', 'away')) : stores.journal.complete(eventId, outcome),
    };
    const { processor: events } = processor({ journal });
    await stores.journal.append(delivery('e1'));
    events.offer({ delivery: delivery('e1') });
    const pauses: number[] = [];
    for (let n = 0; n < 3; n++) {
      await until(() => clock.next !== undefined);
      pauses.push((clock.next ?? 0) - clock.now());
      clock.advance(pauses.at(-1) ?? 0);
    }
    await events.idle();
    expect(pauses).toEqual([100, 200, 400]);
    expect(await configMaps()).toEqual(['made-by-e1']);
  });

  it('does not hold up closing; the event stays for the next start', async () => {
    const journal: Journal = { ...stores.journal, complete: () => Promise.reject(new StoreError('Unavailable', 'away')) };
    const { processor: events } = processor({ journal });
    await stores.journal.append(delivery('e1'));
    events.offer({ delivery: delivery('e1') });
    await until(() => clock.next !== undefined);
    await events.close();
    const next = processor();
    await next.processor.start();
    expect(await configMaps()).toEqual(['made-by-e1']);
  });

  it('closing leaves what waits in the journal', async () => {
    const { processor: events } = processor({ concurrency: 1, judge: ({ eventId }) => Promise.resolve(judgement(eventId)) });
    for (const id of ['e1', 'e2']) await stores.journal.append(delivery(id));
    for (const id of ['e1', 'e2']) events.offer({ delivery: delivery(id) });
    await events.close();
    expect((await stores.journal.unprocessed(10)).map(({ eventId }) => eventId)).toEqual(['e2']);
  });
});
