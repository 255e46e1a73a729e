import { describe, expect, it } from 'vitest';
import type { PlannedStep } from './pod-plan.ts';
import { nextStep } from './step-protocol.ts';
import { type StepEnd, type StepVerdict, skippedAfterFailure, skippedByWhen, stepVerdict, terminatedState } from './step-verdict.ts';

function step(name: string, changes: Partial<PlannedStep> = {}): PlannedStep {
  return {
    name,
    container: `step-${name}`,
    image: 'alpine',
    args: [],
    env: [],
    envFrom: [],
    mounts: [],
    onError: 'stopAndFail',
    results: [],
    when: [],
    ...changes,
  };
}

const nothing = () => undefined;
const none = { result: nothing, artifacts: nothing };
const ok = stepVerdict(step('x'), { type: 'exited', exitCode: 0 });
const broken = stepVerdict(step('x'), { type: 'exited', exitCode: 3 });

describe('stepVerdict', () => {
  const cases: [string, StepEnd, 'continue' | 'stopAndFail', StepVerdict][] = [
    [
      'success',
      { type: 'exited', exitCode: 0 },
      'stopAndFail',
      { exitCode: 0, reason: 'Completed', terminationReason: 'Completed', stopsPod: false, exitCodeFile: '0', readsResults: true },
    ],
    [
      'a failure',
      { type: 'exited', exitCode: 3 },
      'stopAndFail',
      { exitCode: 3, reason: 'Error', terminationReason: 'Error', stopsPod: true, readsResults: true },
    ],
    [
      'a forgiven failure',
      { type: 'exited', exitCode: 3 },
      'continue',
      { exitCode: 3, reason: 'Completed', terminationReason: 'Continued', stopsPod: false, exitCodeFile: '3', readsResults: true },
    ],
    [
      'a kill by signal',
      { type: 'exited', exitCode: 143, signal: 15 },
      'stopAndFail',
      { exitCode: 143, signal: 15, reason: 'Error', terminationReason: 'Error', stopsPod: true, readsResults: true },
    ],
    [
      'no memory, whatever onError says',
      { type: 'exited', exitCode: 137, signal: 9, outOfMemory: true },
      'continue',
      { exitCode: 137, signal: 9, reason: 'OOMKilled', terminationReason: 'OOMKilled', stopsPod: true, readsResults: true },
    ],
    [
      'a timeout, whatever onError says',
      { type: 'timed-out' },
      'continue',
      { exitCode: 1, reason: 'Error', terminationReason: 'TimeoutExceeded', stopsPod: true, readsResults: true },
    ],
    [
      'no command, whatever onError says',
      { type: 'not-runnable', message: 'no such file' },
      'continue',
      { exitCode: 1, reason: 'Error', terminationReason: 'Error', message: 'no such file', stopsPod: true, readsResults: false },
    ],
    [
      'a cancel',
      { type: 'cancelled' },
      'continue',
      { exitCode: 9, reason: 'Error', terminationReason: 'Cancelled', stopsPod: true, exitCodeFile: 'killed', readsResults: true },
    ],
  ];

  it.each(cases)('%s', (_name, end, onError, expected) => {
    expect(stepVerdict({ onError }, end)).toEqual(expected);
  });

  it('becomes a container state', () => {
    expect(terminatedState(stepVerdict(step('x'), { type: 'exited', exitCode: 143, signal: 15 }), 1, 2)).toEqual({
      type: 'terminated',
      exitCode: 143,
      signal: 15,
      reason: 'Error',
      startedAt: 1,
      finishedAt: 2,
    });
  });
});

describe('nextStep', () => {
  const plan = { steps: [step('a'), step('b')] };

  it('runs the steps one after the other', () => {
    expect(nextStep(plan, [], none)).toEqual({ type: 'run', index: 0, step: plan.steps[0] });
    expect(nextStep(plan, [ok], none)).toEqual({ type: 'run', index: 1, step: plan.steps[1] });
    expect(nextStep(plan, [ok, ok], none)).toEqual({ type: 'done', phase: 'Succeeded' });
  });

  it('skips what comes after a failure', () => {
    expect(nextStep(plan, [broken], none)).toEqual({ type: 'settle', index: 1, step: plan.steps[1], verdict: skippedAfterFailure });
    expect(nextStep(plan, [broken, skippedAfterFailure], none)).toEqual({ type: 'done', phase: 'Failed' });
  });

  it('goes on after a forgiven failure and after a step whose when did not hold', () => {
    const forgiven = stepVerdict({ onError: 'continue' }, { type: 'exited', exitCode: 3 });
    expect(nextStep(plan, [forgiven], none)).toMatchObject({ type: 'run', index: 1 });
    expect(nextStep(plan, [skippedByWhen, ok], none)).toEqual({ type: 'done', phase: 'Succeeded' });
  });

  it.each([
    [{ input: 'a', operator: 'in', values: ['a', 'b'] }, true],
    [{ input: 'A', operator: 'in', values: ['a', 'b'] }, false],
    [{ input: 'a', operator: 'notin', values: ['a', 'b'] }, false],
    [{ input: 'c', operator: 'notin', values: ['a', 'b'] }, true],
    [{ input: '', operator: 'in', values: [''] }, true],
    [{ input: '$(steps.a.results.r)', operator: 'in', values: ['from a'] }, true],
    [{ input: 'two', operator: 'in', values: ['$(steps.a.results.list[*])'] }, true],
    [{ input: 'three', operator: 'in', values: ['$(steps.a.results.list[*])'] }, false],
  ])('evaluates %j as %s', (expression, runs) => {
    const guarded = { steps: [step('a'), step('b', { when: [expression] })] };
    const results = new Map([
      ['r', 'from a'],
      ['list', '["one","two"]'],
    ]);
    const next = nextStep(guarded, [ok], {
      result: (name, result) => (name === 'a' ? results.get(result) : undefined),
      artifacts: nothing,
    });
    expect(next.type).toBe(runs ? 'run' : 'settle');
    if (next.type === 'settle') expect(next.verdict).toEqual(skippedByWhen);
  });

  it.each([
    ['1 < 2', 'run'],
    ['"a" == "b"', 'settle'],
  ])('asks CEL: %s', (cel, type) => {
    expect(nextStep({ steps: [step('a', { when: [{ cel }] })] }, [], none).type).toBe(type);
  });

  it.each([
    ['"text"', 'The CEL expression "text" is not evaluated to a boolean'],
    ['1 +', expect.any(String)],
  ])('fails a step whose guard is no guard: %s', (cel, message) => {
    const verdict = { exitCode: 1, reason: 'Error', terminationReason: 'Error', message, stopsPod: true, readsResults: false };
    expect(nextStep({ steps: [step('a', { when: [{ cel }] })] }, [], none)).toMatchObject({ type: 'settle', verdict });
  });

  it('fails a step that asks for an element an array does not have', () => {
    const greedy = { steps: [step('a', { args: ['$(steps.z.results.list[2])'] }), step('b')] };
    const next = nextStep(greedy, [], { result: () => '["one","two"]', artifacts: nothing });
    expect(next).toEqual({
      type: 'settle',
      index: 0,
      step: greedy.steps[0],
      verdict: {
        exitCode: 2,
        reason: 'Error',
        terminationReason: 'Error',
        message: '$(steps.z.results.list[2]): index 2 is out of range, the result has 2 elements',
        stopsPod: true,
        readsResults: false,
      },
    });
  });
});
