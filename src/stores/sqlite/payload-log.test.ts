import { Buffer } from 'node:buffer';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { openSqlite } from './open-sqlite.ts';
import { PayloadLog } from './payload-log.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** Adds one record as a transaction would. */
function put(log: PayloadLog, ...parts: readonly string[]) {
  const buffers = parts.map(bytes);
  const place = log.next(buffers.reduce((sum, { length }) => sum + length, 0));
  log.add(...buffers);
  return place;
}

function open(directory: string, newest = 0, segmentBytes?: number): PayloadLog {
  const log = new PayloadLog(directory, newest, segmentBytes);
  onTestFinished(() => log.close());
  return log;
}

describe('PayloadLog', () => {
  it('writes the records of a transaction one after the other, and reads each back', () => {
    const directory = temporaryDirectory();
    const log = open(directory);
    const first = put(log, 'head', 'body');
    const empty = put(log, '');
    log.flush();
    const second = put(log, 'two');
    log.flush();
    expect([first, empty, second]).toEqual([
      { segment: 1, position: 0, length: 8 },
      { segment: 1, position: 8, length: 0 },
      { segment: 1, position: 8, length: 3 },
    ]);
    expect([first, empty, second].map((place) => log.read(place)?.toString())).toEqual(['headbody', '', 'two']);
    expect(readFileSync(join(directory, '00000001.log'), 'utf8')).toBe('headbodytwo');
  });

  it('forgets what was rolled back before it was written', () => {
    const log = open(temporaryDirectory());
    put(log, 'rolled back');
    log.discard();
    const kept = put(log, 'kept');
    log.flush();
    expect(kept.position).toBe(0);
    expect(log.read(kept)?.toString()).toBe('kept');
  });

  it('gives no place twice once it was written, for the commit may have got through after all', () => {
    const log = open(temporaryDirectory());
    const first = put(log, 'unclear');
    log.flush();
    log.discard();
    const second = put(log, 'next');
    log.flush();
    expect([first, second].map((place) => log.read(place)?.toString())).toEqual(['unclear', 'next']);
  });

  it('begins a new segment with each life, after all there are and all the database names', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, '00000007.log'), 'torn');
    writeFileSync(join(directory, 'notes.txt'), '');
    expect(open(directory).next(1).segment).toBe(8);
    expect(open(directory, 11).next(1).segment).toBe(12);
  });

  it('begins a new segment when one is full, never within a transaction, and drops old ones', () => {
    const directory = temporaryDirectory();
    const log = open(directory, 0, 5);
    const places = ['aaaa', 'bbbb', 'cccc'].map((text) => put(log, text));
    log.flush();
    const next = put(log, 'dddd');
    log.flush();
    expect([...places, next].map(({ segment }) => segment)).toEqual([1, 1, 1, 2]);
    log.dropBefore(9);
    expect(readdirSync(directory)).toEqual(['00000002.log']);
    expect([...places, next].map((place) => log.read(place)?.toString())).toEqual([undefined, undefined, undefined, 'dddd']);
  });

  it('says when nothing can be written, and goes on elsewhere when it can again', () => {
    const directory = temporaryDirectory();
    const log = open(directory);
    writeFileSync(join(directory, '00000001.log'), 'not ours');
    put(log, 'lost');
    expect(() => log.flush()).toThrow(expect.objectContaining({ name: 'StoreError', code: 'Unavailable' }));
    log.discard();
    const place = put(log, 'again');
    log.flush();
    expect(log.read(place)?.toString()).toBe('again');
    expect(readFileSync(join(directory, '00000001.log'), 'utf8')).toBe('not ours');
  });
});

describe('the journal over its payload log', () => {
  const facts = { clock: new ManualClock(), ids: countingIds() };
  const delivery = (eventId: string) => ({
    eventId,
    namespace: 'ci',
    listener: 'l',
    receivedAt: 1,
    method: 'POST',
    url: `/${eventId}`,
    headers: { A: ['b'] },
    body: bytes(`{"event":"${eventId}"}`),
  });
  const processed = { verdicts: [], processedAt: 2, creations: [] };
  const segments = (directory: string) => readdirSync(join(directory, 'payloads')).sort();

  it('ignores a torn end', async () => {
    const directory = temporaryDirectory();
    const one = await openSqlite(directory, facts);
    await one.journal.append(delivery('e1'));
    await one.close();
    appendFileSync(join(directory, 'payloads', '00000001.log'), '{"eventId":"e2","meth');
    const two = await openSqlite(directory, facts);
    onTestFinished(() => two.close());
    await two.journal.append(delivery('e2'));
    expect((await two.journal.list()).map(({ eventId, url, body }) => [eventId, url, body.toString()])).toEqual([
      ['e2', '/e2', '{"event":"e2"}'],
      ['e1', '/e1', '{"event":"e1"}'],
    ]);
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, 30)],
    ['overwritten', (file: string) => writeFileSync(file, Buffer.alloc(1_000))],
    ["another event's", (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll('e1', 'e9'))],
  ])('tells of a payload that is %s, and of everything else about the event', async (_how, damage) => {
    const directory = temporaryDirectory();
    const one = await openSqlite(directory, facts);
    await one.journal.append(delivery('e1'));
    await one.close();
    const file = join(directory, 'payloads', '00000001.log');
    damage(file);
    const two = await openSqlite(directory, facts);
    onTestFinished(() => two.close());
    expect(await two.journal.unprocessed(9)).toEqual([
      {
        sequence: 1,
        eventId: 'e1',
        namespace: 'ci',
        listener: 'l',
        state: 'accepted',
        receivedAt: 1,
        attempts: 0,
        method: '',
        url: '',
        headers: {},
        body: bytes(''),
        verdicts: [],
        lost: `its payload is not in ${file} any more`,
      },
    ]);
  });

  it('lets go of segments with the last of their events', async () => {
    const directory = temporaryDirectory();
    for (const eventId of ['e1', 'e2', 'e3']) {
      const { journal, close } = await openSqlite(directory, facts);
      await journal.append(delivery(eventId));
      if (eventId !== 'e2') await journal.complete(eventId, processed);
      await close();
    }
    expect(segments(directory)).toEqual(['00000001.log', '00000002.log', '00000003.log']);
    const { journal, close } = await openSqlite(directory, facts);
    onTestFinished(close);
    expect(await journal.prune({ olderThan: 10 })).toBe(1);
    expect(segments(directory)).toEqual(['00000002.log', '00000003.log']);
    await journal.complete('e2', processed);
    expect(await journal.prune({ olderThan: 10 })).toBe(1);
    expect(segments(directory)).toEqual(['00000003.log']);
    expect((await journal.get('e3'))?.body.toString()).toBe('{"event":"e3"}');
  });
});
