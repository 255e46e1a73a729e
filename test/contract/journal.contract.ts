import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { Delivery, Journal, Rejection } from '../../src/ports/journal.ts';
import type { Store } from '../../src/ports/store.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import type { Matched, TriggerVerdict } from '../../src/triggers/verdict.ts';
import { countingIds } from '../support/counting-ids.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { brief, RUN, run, take } from './own-store.contract.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  /** Where creations go. */
  readonly store: Store;
  close(): Promise<void>;
}

export interface JournalUnderTest {
  open(facts: { clock: Clock; ids: Ids }): Promise<OpenedJournal>;
}

export function delivery(eventId: string, rest: Partial<Delivery> = {}): Delivery {
  return {
    eventId,
    namespace: 'ci',
    listener: 'github',
    receivedAt: 1_000,
    method: 'POST',
    url: '/ci/github?x=1',
    headers: { 'Content-Type': ['application/json'], 'X-Twice': ['a', 'b'] },
    body: Buffer.from([0, 1, 255, 10]),
    ...rest,
  };
}

export function matched(trigger: string, names: readonly string[] = []): Matched {
  const created = names.map((name) => ({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', namespace: 'ci', name }));
  return {
    trigger,
    namespace: 'ci',
    chain: [],
    tookMs: 0.5,
    verdict: 'matched',
    params: [{ name: 'a', value: '1' }],
    manifests: [{ any: 'thing' }],
    created,
  };
}

const filtered: TriggerVerdict = { trigger: 'other', namespace: 'ci', chain: [], tookMs: 1, verdict: 'filtered', reason: 'no' };

export function journalContract(name: string, subject: JournalUnderTest): void {
  describe(`journal contract: ${name}`, () => {
    let opened: OpenedJournal;
    let journal: Journal;
    let store: Store;

    beforeEach(async () => {
      opened = await subject.open({ clock: new ManualClock(), ids: countingIds() });
      ({ journal, store } = opened);
    });
    afterEach(async () => {
      await opened.close();
    });

    const ids = (entries: readonly { eventId: string }[]) => entries.map((entry) => entry.eventId);
    const names = async () => (await store.list(RUN)).items.map((item) => item.metadata.name);

    describe('append', () => {
      it('keeps the delivery as it came', async () => {
        const given = delivery('e1', { deliveryId: 'd1', replayOf: 'e0' });
        expect(await journal.append(given)).toEqual({ eventId: 'e1', duplicate: false });
        expect(await journal.get('e1')).toEqual({ ...given, sequence: 1, state: 'accepted', verdicts: [], attempts: 0 });
        expect(await journal.get('e2')).toBeUndefined();
      });

      it('knows a delivery id within its listener, and answers with the first event', async () => {
        await journal.append(delivery('e1', { deliveryId: 'd1' }));
        expect(await journal.append(delivery('e2', { deliveryId: 'd1' }))).toEqual({ eventId: 'e1', duplicate: true });
        expect(await journal.get('e2')).toBeUndefined();
        expect(await journal.append(delivery('e3', { deliveryId: 'd1', listener: 'gitlab' }))).toEqual({ eventId: 'e3', duplicate: false });
        expect(await journal.append(delivery('e4', { deliveryId: 'd1', namespace: 'other' }))).toEqual({ eventId: 'e4', duplicate: false });
        await journal.complete('e1', { verdicts: [], processedAt: 2, creations: [] });
        expect(await journal.append(delivery('e5', { deliveryId: 'd1' }))).toEqual({ eventId: 'e1', duplicate: true });
      });

      it('knows it within one turn too', async () => {
        const answers = await Promise.all(['e1', 'e2', 'e3'].map((id) => journal.append(delivery(id, { deliveryId: 'd' }))));
        expect(answers).toEqual([
          { eventId: 'e1', duplicate: false },
          { eventId: 'e1', duplicate: true },
          { eventId: 'e1', duplicate: true },
        ]);
      });

      it('never deduplicates what has no delivery id; an event id is taken once', async () => {
        const [first] = await Promise.allSettled([journal.append(delivery('e1')), journal.append(delivery('e2'))]);
        expect(first.status).toBe('fulfilled');
        await expect(journal.append(delivery('e1'))).rejects.toMatchObject({ code: 'AlreadyExists' });
        expect(ids(await journal.list())).toEqual(['e2', 'e1']);
      });
    });

    describe('reject', () => {
      it('keeps the reason, not the body, and holds no delivery id', async () => {
        const { body: _, ...rest } = delivery('e1');
        const rejection: Rejection = { ...rest, reason: 'signature does not match', verdicts: [filtered] };
        await journal.reject(rejection);
        expect(await journal.get('e1')).toEqual({
          ...rest,
          body: Buffer.alloc(0),
          sequence: 1,
          state: 'rejected',
          rejection: 'signature does not match',
          verdicts: [filtered],
          attempts: 0,
        });
        expect(await journal.unprocessed(10)).toEqual([]);
        expect(await journal.append(delivery('e2', { deliveryId: 'd1' }))).toEqual({ eventId: 'e2', duplicate: false });
      });
    });

    describe('processing', () => {
      it('hands out what is unprocessed, oldest first, and counts attempts', async () => {
        for (const id of ['e1', 'e2', 'e3']) await journal.append(delivery(id));
        await journal.begin('e2');
        await journal.begin('e2');
        expect((await journal.unprocessed(2)).map(({ eventId, attempts, body }) => ({ eventId, attempts, body: [...body] }))).toEqual([
          { eventId: 'e1', attempts: 0, body: [0, 1, 255, 10] },
          { eventId: 'e2', attempts: 2, body: [0, 1, 255, 10] },
        ]);
        await journal.complete('e1', { verdicts: [], processedAt: 5, creations: [] });
        expect(ids(await journal.unprocessed(10))).toEqual(['e2', 'e3']);
        await expect(journal.begin('none')).rejects.toMatchObject({ code: 'NotFound', message: 'event none not found in the journal' });
        await expect(journal.complete('none', { verdicts: [], processedAt: 5, creations: [] })).rejects.toMatchObject({ code: 'NotFound' });
      });

      it('records verdicts and creates objects, seen by watchers', async () => {
        await journal.append(delivery('e1'));
        const changes = store.watch(RUN);
        const results = await journal.complete('e1', {
          verdicts: [matched('t', ['a', 'b']), filtered],
          processedAt: 1_234,
          creations: [[run('a'), run('b')]],
        });
        expect(results).toMatchObject([
          [
            { outcome: 'created', object: { metadata: { name: 'a', resourceVersion: '1' } } },
            { outcome: 'created', object: { metadata: { name: 'b', resourceVersion: '2' } } },
          ],
        ]);
        expect(await journal.get('e1')).toEqual({
          ...delivery('e1'),
          sequence: 1,
          state: 'processed',
          processedAt: 1_234,
          verdicts: [matched('t', ['a', 'b']), filtered],
          attempts: 0,
        });
        expect((await take(changes, 2)).map(brief)).toEqual(['ADDED a@1', 'ADDED b@2']);
      });

      it('goes on in each list up to what is refused, noting why; other lists are unaffected', async () => {
        await journal.append(delivery('e1'));
        const there = await store.create(run('there', { spec: 1 }));
        const results = await journal.complete('e1', {
          verdicts: [matched('t', ['there', 'bad/name', 'behind']), filtered, matched('u', ['x']), matched('v', ['new'])],
          processedAt: 2,
          creations: [[run('there', { spec: 2 }), run('bad/name'), run('behind')], [], [run('x', { spec: Number.NaN })], [run('new')]],
        });
        expect(results).toMatchObject([
          [
            { outcome: 'exists', object: there },
            { outcome: 'failed', error: expect.stringContaining('"bad/name" is not a name') },
            { outcome: 'skipped' },
          ],
          [],
          [{ outcome: 'failed', error: 'spec: NaN is not a number JSON can hold' }],
          [{ outcome: 'created', object: { metadata: { name: 'new' } } }],
        ]);
        expect(await names()).toEqual(['new', 'there']);
        expect((await journal.get('e1'))?.verdicts).toMatchObject([
          {
            verdict: 'failed',
            stage: 'create',
            trigger: 't',
            error: expect.stringMatching(/bad\/name: .*is not a name.*\n1 more of the template was not tried/),
            created: [{ name: 'there' }, { name: 'bad/name', error: expect.stringContaining('is not a name') }],
          },
          filtered,
          { verdict: 'failed', stage: 'create', trigger: 'u', created: [{ name: 'x', error: expect.stringContaining('NaN') }] },
          matched('v', ['new']),
        ]);
      });

      it('takes an object of the same event for its own, and refuses to take another event’s', async () => {
        const label = 'triggers.tekton.dev/triggers-eventid';
        const fixed = (event: string): KubeObject => ({
          ...run('fixed'),
          metadata: { ...run('fixed').metadata, labels: { [label]: event } },
        });
        await Promise.all(['e1', 'e2'].map((id) => journal.append(delivery(id))));
        await store.create(fixed('e1'));
        expect(
          await journal.complete('e1', { verdicts: [matched('t', ['fixed'])], processedAt: 2, creations: [[fixed('e1')]] }),
        ).toMatchObject([[{ outcome: 'exists', object: { metadata: { labels: { [label]: 'e1' } } } }]]);
        expect(
          await journal.complete('e2', { verdicts: [matched('t', ['fixed'])], processedAt: 3, creations: [[fixed('e2')]] }),
        ).toMatchObject([[{ outcome: 'failed', error: expect.stringContaining('already exists') }]]);
        expect((await journal.get('e2'))?.verdicts).toMatchObject([
          { created: [{ name: 'fixed', error: expect.stringContaining('already exists') }] },
        ]);
      });

      it('completing twice changes nothing', async () => {
        await journal.append(delivery('e1'));
        await journal.complete('e1', { verdicts: [matched('t', ['a'])], processedAt: 2, creations: [[run('a')]] });
        const before = await journal.get('e1');
        expect(await journal.complete('e1', { verdicts: [filtered], processedAt: 9, creations: [[run('a'), run('b')]] })).toMatchObject([
          [
            { outcome: 'exists', object: { metadata: { name: 'a' } } },
            { outcome: 'failed', error: 'the event was already processed, and the object does not exist' },
          ],
        ]);
        expect(await journal.get('e1')).toEqual(before);
        expect(await names()).toEqual(['a']);
      });

      it('one broken completion does not harm those that share its turn', async () => {
        await Promise.all(['e1', 'e2'].map((id) => journal.append(delivery(id))));
        const circular: Record<string, unknown> = {};
        circular['self'] = circular;
        const broken = { ...matched('t'), manifests: [circular] };
        const outcomes = await Promise.allSettled([
          journal.complete('e1', { verdicts: [broken], processedAt: 2, creations: [[run('a')]] }),
          journal.complete('e2', { verdicts: [], processedAt: 2, creations: [[run('b')]] }),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
        expect(await names()).toEqual(['b']);
        expect(ids(await journal.unprocessed(10))).toEqual(['e1']);
      });
    });

    describe('reopen', () => {
      const label = 'triggers.tekton.dev/triggers-eventid';
      const own = (name: string): KubeObject => ({ ...run(name), metadata: { ...run(name).metadata, labels: { [label]: 'e1' } } });

      it('takes a processed entry back, its verdicts kept, and a second completion creates only what is missing', async () => {
        await journal.append(delivery('e1', { deliveryId: 'd1' }));
        await journal.begin('e1');
        await journal.complete('e1', { verdicts: [matched('t', ['a', 'b'])], processedAt: 5, creations: [[own('a'), own('b')]] });
        await store.delete({ kind: RUN, namespace: 'ci', name: 'b' });
        expect(await journal.reopen('e1')).toBe('processed');
        expect(await journal.get('e1')).toEqual({
          ...delivery('e1', { deliveryId: 'd1' }),
          sequence: 1,
          state: 'accepted',
          verdicts: [matched('t', ['a', 'b'])],
          attempts: 0,
        });
        expect(ids(await journal.unprocessed(10))).toEqual(['e1']);
        expect(await journal.append(delivery('e2', { deliveryId: 'd1' }))).toEqual({ eventId: 'e1', duplicate: true });

        const again = { verdicts: [matched('t', ['a', 'b']), filtered], processedAt: 7, creations: [[own('a'), own('b')], []] };
        expect(await journal.complete('e1', again)).toMatchObject([[{ outcome: 'exists' }, { outcome: 'created' }], []]);
        expect(await journal.get('e1')).toMatchObject({
          state: 'processed',
          processedAt: 7,
          verdicts: [matched('t', ['a', 'b']), filtered],
        });
        expect(await names()).toEqual(['a', 'b']);
        expect(await journal.unprocessed(10)).toEqual([]);
      });

      it('leaves every other entry as it is', async () => {
        await journal.append(delivery('e1'));
        await journal.begin('e1');
        const { body: _, ...rest } = delivery('e2');
        await journal.reject({ ...rest, reason: 'forged', verdicts: [] });
        const before = await journal.list();
        expect(await Promise.all([journal.reopen('e1'), journal.reopen('e2')])).toEqual(['accepted', 'rejected']);
        expect(await journal.list()).toEqual(before);
        await expect(journal.reopen('none')).rejects.toMatchObject({ code: 'NotFound', message: 'event none not found in the journal' });
      });

      it('once, though two ask for it in one turn', async () => {
        await journal.append(delivery('e1'));
        await journal.complete('e1', { verdicts: [], processedAt: 5, creations: [] });
        expect(await Promise.all([journal.reopen('e1'), journal.reopen('e1')])).toEqual(['processed', 'accepted']);
      });

      it('is not pruned before it is processed again', async () => {
        for (const id of ['e1', 'e2']) await journal.append(delivery(id));
        await journal.complete('e1', { verdicts: [], processedAt: 5, creations: [] });
        await journal.reopen('e1');
        expect(await journal.prune({ olderThan: 99_000 })).toBe(0);
      });
    });

    describe('list', () => {
      it('is newest first, filtered, page by page', async () => {
        for (const [id, rest] of [
          ['e1', {}],
          ['e2', { listener: 'gitlab' }],
          ['e3', { namespace: 'other' }],
          ['e4', {}],
        ] as const) {
          await journal.append(delivery(id, rest));
        }
        await journal.complete('e4', { verdicts: [filtered], processedAt: 2, creations: [] });
        expect(ids(await journal.list())).toEqual(['e4', 'e3', 'e2', 'e1']);
        expect(ids(await journal.list({ namespace: 'ci' }))).toEqual(['e4', 'e2', 'e1']);
        expect(ids(await journal.list({ namespace: 'ci', listener: 'github' }))).toEqual(['e4', 'e1']);
        expect(ids(await journal.list({ state: 'accepted', limit: 2 }))).toEqual(['e3', 'e2']);
        expect(ids(await journal.list({ before: 3 }))).toEqual(['e2', 'e1']);
        expect(await journal.list({ limit: 1 })).toEqual([await journal.get('e4')]);
      });
    });

    describe('prune', () => {
      const fill = async () => {
        for (let i = 1; i <= 6; i++) await journal.append(delivery(`e${i}`, { deliveryId: `d${i}`, receivedAt: i * 1_000 }));
        for (const id of ['e1', 'e2', 'e4', 'e5', 'e6']) await journal.complete(id, { verdicts: [], processedAt: 9, creations: [] });
      };

      it('forgets what is old, but nothing unprocessed and not the newest', async () => {
        await fill();
        expect(await journal.prune({ olderThan: 5_000 })).toBe(3);
        expect(ids(await journal.list())).toEqual(['e6', 'e5', 'e3']);
        expect(await journal.append(delivery('e7', { deliveryId: 'd1' }))).toEqual({ eventId: 'e7', duplicate: false });
        expect(await journal.append(delivery('e8', { deliveryId: 'd5' }))).toEqual({ eventId: 'e5', duplicate: true });
        expect(await journal.prune({ olderThan: 99_000 })).toBe(2);
        expect(ids(await journal.list())).toEqual(['e7', 'e3']);
        expect((await journal.get('e7'))?.sequence).toBe(7);
      });

      it('keeps so many of the newest', async () => {
        await fill();
        expect(await journal.prune({ keep: 2 })).toBe(3);
        expect(ids(await journal.list())).toEqual(['e6', 'e5', 'e3']);
        expect(await journal.prune({})).toBe(0);
        expect(await journal.prune({ keep: 0 })).toBe(1);
        expect(ids(await journal.list())).toEqual(['e6', 'e3']);
      });
    });
  });
}
