import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { PipelineRun, Timeouts } from '../resources/pipeline-run/schema.ts';
import { exceeded, nextDeadline, phaseTimeout, runTimeouts } from './timeouts.ts';

const minute = 60_000;

function timeouts(given: Timeouts | undefined): ReturnType<typeof runTimeouts> {
  const run: PipelineRun = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: {}, spec: { timeouts: given } };
  return runTimeouts(run, defaultEngineConfig);
}

describe('runTimeouts', () => {
  it.each<[Timeouts | undefined, number, number | undefined, number | undefined]>([
    [undefined, 60, undefined, undefined],
    [{ pipeline: '0s' }, 0, undefined, undefined],
    [{ pipeline: '1h0m0s', finally: '10m0s' }, 60, 50, 10],
    [{ pipeline: '1h0m0s', tasks: '40m0s' }, 60, 40, 20],
    [{ pipeline: '1h0m0s', tasks: '1h0m0s' }, 60, 60, 0],
    [{ pipeline: '0s', tasks: '40m0s' }, 0, 40, undefined],
    [{ pipeline: '1h0m0s', finally: '0s' }, 60, undefined, 0],
    [{ tasks: '5m0s' }, 60, 5, undefined],
  ])('%j', (given, pipeline, tasks, last) => {
    const inMilliseconds = (minutes: number | undefined) => (minutes === undefined ? undefined : minutes * minute);
    expect(timeouts(given)).toEqual({ pipeline: pipeline * minute, tasks: inMilliseconds(tasks), finally: inMilliseconds(last) });
  });
});

it('is exceeded only after more than the limit, and never without one or before the start', () => {
  expect([exceeded(10, 0, 10), exceeded(10, 0, 11), exceeded(0, 0, 11), exceeded(undefined, 0, 11), exceeded(10, undefined, 11)]).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
});

it('looks again when the next limit of the phase is over', () => {
  const limits = { pipeline: 100, tasks: 50, finally: 20 };
  expect(nextDeadline(limits, 0, undefined, 10)).toBe(51);
  expect(nextDeadline(limits, 0, undefined, 60)).toBe(101);
  expect(nextDeadline(limits, 0, 40, 45)).toBe(61);
  expect(nextDeadline(limits, 0, 95, 96)).toBe(101);
  expect(nextDeadline({ pipeline: 0, tasks: undefined, finally: 0 }, 0, undefined, 0)).toBeUndefined();
});

it("gives a child its phase's limit only where that is none or longer than the default", () => {
  expect([undefined, 0, 20 * minute, 60 * minute, 61 * minute].map((limit) => phaseTimeout(limit, defaultEngineConfig))).toEqual([
    undefined,
    0,
    undefined,
    undefined,
    61 * minute,
  ]);
});
