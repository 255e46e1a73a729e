import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { LogFields } from '../ports/logger.ts';
import { messageOf, WorkQueue } from './work-queue.ts';

interface Gate {
  readonly key: string;
  open(): void;
}

/** A queue whose reconciliations end when the test says so. */
function gated(options: { readonly concurrency?: number } = {}) {
  const clock = new ManualClock();
  const gates: Gate[] = [];
  const seen: string[] = [];
  const queue = new WorkQueue({
    clock,
    logger: silentLogger,
    concurrency: options.concurrency ?? 8,
    reconcile: (key) => {
      seen.push(key);
      return new Promise((open) => gates.push({ key, open }));
    },
  });
  queue.begin();
  return { clock, queue, gates, seen };
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('work queue', () => {
  it('makes one look of a burst of changes to one key', async () => {
    const { queue, seen, gates } = gated();
    for (let n = 0; n < 10; n++) queue.add('a');
    await turns();
    expect(seen).toEqual(['a']);
    gates[0]?.open();
    await queue.idle();
    expect(seen).toEqual(['a']);
  });

  it('looks once more at a key that changed while it was being looked at, never twice at once', async () => {
    const { queue, seen, gates } = gated();
    queue.add('a');
    await turns();
    queue.add('a');
    queue.add('a');
    await turns();
    expect(seen).toEqual(['a']);
    gates[0]?.open();
    await turns();
    expect(seen).toEqual(['a', 'a']);
    gates[1]?.open();
    await queue.idle();
    expect(seen).toEqual(['a', 'a']);
  });

  it('works on no more keys at once than it may', async () => {
    const { queue, seen, gates } = gated({ concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await turns();
    expect(seen).toEqual(['a', 'b']);
    gates[0]?.open();
    await turns();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('tries a failing key again with growing pauses and lets the others go on', async () => {
    const clock = new ManualClock();
    const at: number[] = [];
    const others: string[] = [];
    const start = clock.now();
    const queue = new WorkQueue({
      clock,
      logger: silentLogger,
      concurrency: 1,
      minBackoffMs: 20,
      reconcile: async (key) => {
        if (key !== 'bad') return void others.push(key);
        at.push(clock.now() - start);
        if (at.length < 4) throw new Error('no');
      },
    });
    queue.begin();
    queue.add('bad');
    queue.add('good');
    await queue.idle();
    expect(others).toEqual(['good']);
    expect(queue.state('bad')).toEqual({ failures: 1, lastError: 'no' });
    for (let n = 0; n < 10; n++) {
      clock.advance(20);
      await queue.idle();
    }
    expect(at).toEqual([0, 20, 60, 140]);
    expect(queue.state('bad')).toEqual({ failures: 0, lastError: undefined });
  });

  it('logs what fails many keys in the same words once in ten minutes', async () => {
    const clock = new ManualClock();
    const logged: unknown[] = [];
    const logger = { ...silentLogger, warn: (_: string, fields?: LogFields) => void logged.push([fields?.['key'], fields?.['error']]) };
    const reconcile = async (key: string): Promise<void> => {
      throw new Error(key === 'c' ? 'something else' : 'cannot create resource "pods"');
    };
    const queue = new WorkQueue({ clock, logger, concurrency: 1, reconcile, minBackoffMs: 1_000, maxBackoffMs: 1_000 });
    queue.begin();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    const seconds = async (count: number): Promise<void> => {
      for (let second = 0; second < count; second++) {
        await queue.idle();
        clock.advance(1_000);
      }
    };
    await seconds(60);
    const once = [
      ['a', 'cannot create resource "pods"'],
      ['c', 'something else'],
    ];
    expect(logged).toEqual(once);
    await seconds(600);
    expect(logged).toEqual([...once, ...once]);
  });

  it('tells of a key that fails again and again, each time after the third', async () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const queue = new WorkQueue({
      clock,
      logger: silentLogger,
      concurrency: 1,
      reconcile: async (key) => {
        throw new Error(`no ${key}`);
      },
      onPoison: (key, error) => told.push(`${key}: ${messageOf(error)}`),
    });
    queue.begin();
    queue.add('bad');
    const tellings: number[] = [];
    for (let n = 0; n < 6; n++) {
      await queue.idle();
      tellings.push(told.length);
      clock.advance(1_000);
    }
    expect(tellings).toEqual([0, 0, 0, 1, 2, 3]);
    expect(told[0]).toBe('bad: no bad');
    await queue.close();
  });

  it('only gathers keys until it begins', async () => {
    const seen: string[] = [];
    const queue = new WorkQueue({
      clock: new ManualClock(),
      logger: silentLogger,
      concurrency: 8,
      reconcile: async (key) => void seen.push(key),
    });
    for (const key of ['a', 'b', 'a']) queue.add(key);
    await turns();
    expect([seen, queue.depth]).toEqual([[], 2]);
    queue.begin();
    await queue.idle();
    expect(seen).toEqual(['a', 'b']);
  });

  it('keeps the earliest of several instants for one key', async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const at: number[] = [];
    const queue = new WorkQueue({ clock, logger: silentLogger, concurrency: 1, reconcile: async () => void at.push(clock.now() - start) });
    queue.begin();
    queue.addAt('a', start + 100);
    queue.addAt('a', start + 50);
    queue.addAt('a', start + 80);
    clock.advance(50);
    await queue.idle();
    clock.advance(100);
    await queue.idle();
    expect(at).toEqual([50]);
  });

  it('closes when what is under way has ended, and takes nothing more', async () => {
    const { queue, seen, gates } = gated();
    queue.add('a');
    await turns();
    queue.add('b');
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await turns();
    expect(closed).toBe(false);
    for (const gate of gates) gate.open();
    await closing;
    queue.add('c');
    await turns();
    expect(seen).toEqual(['a']);
  });
});
