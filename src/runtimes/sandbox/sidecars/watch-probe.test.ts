import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import type { PlannedProbe } from '../../../tasks/pod-plan.ts';
import type { CheckOutcome } from './run-check.ts';
import { watchProbe } from './watch-probe.ts';

interface Asked {
  /** What was said when, in seconds from the container's start. */
  readonly heard: string[];
  /** When it was asked. */
  readonly asked: number[];
  close(): void;
}

/** Turns the clock second by second; `answers` says by the second whether the container is well. */
async function watch(probe: Partial<PlannedProbe>, eager: boolean, seconds: number, answers: (second: number) => boolean): Promise<Asked> {
  const clock = new ManualClock(0);
  const heard: string[] = [];
  const asked: number[] = [];
  const second = (): number => clock.now() / 1000;
  const say = (what: string) => (): void => void heard.push(`${second()} ${what}`);
  const close = watchProbe(
    {
      probe: {
        check: { type: 'exec', command: [] },
        ...{ initialDelayMs: 0, periodMs: 10_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 3, ...probe },
      },
      eager,
      startedAt: 0,
      clock,
      ask: async (): Promise<CheckOutcome> => {
        asked.push(second());
        return answers(second()) ? { ok: true } : { ok: false, message: 'no' };
      },
    },
    { passed: say('passed'), failed: say('failed'), doubted: () => undefined },
  );
  for (let turn = 0; turn <= seconds * 10; turn++) {
    clock.advance(turn === 0 ? 0 : 100);
    for (let calm = 0; calm < 5; calm++) await Promise.resolve();
  }
  return { heard, asked, close };
}

describe('a probe', () => {
  it('notices early what is up early, then asks once a period', async () => {
    const { heard, asked } = await watch({}, true, 25, (second) => second >= 0.5);
    expect(heard).toEqual(['0.7 passed', '10.7 passed', '20.7 passed']);
    expect(asked).toEqual([0, 0.1, 0.3, 0.7, 10.7, 20.7]);
  });

  it('holds nothing against a container before its first period is over, so that it has all the periods it was given', async () => {
    const { heard } = await watch({ initialDelayMs: 5_000, failureThreshold: 3 }, true, 40, () => false);
    expect(heard).toEqual(['35 failed']);
  });

  it('asks nothing before the initial delay', async () => {
    const { asked, heard } = await watch({ initialDelayMs: 3_000 }, true, 5, () => true);
    expect([asked, heard]).toEqual([[3], ['3 passed']]);
  });

  it('asks only once a period when nothing is gained by an early answer', async () => {
    const { asked } = await watch({ periodMs: 2_000 }, false, 7, () => true);
    expect(asked).toEqual([2, 4, 6]);
  });

  it('wants as many good answers in a row as it says, and forgets them at a bad one', async () => {
    const answers = new Map([
      [1, true],
      [2, false],
      [3, true],
      [4, true],
      [5, false],
      [6, false],
      [7, false],
    ]);
    const probe = { periodMs: 1_000, successThreshold: 2, failureThreshold: 3 };
    const { heard } = await watch(probe, false, 7, (second) => answers.get(second) ?? false);
    expect(heard).toEqual(['4 passed', '7 failed']);
  });
});
