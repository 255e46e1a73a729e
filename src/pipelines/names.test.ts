import { expect, it } from 'vitest';
import { childNames } from './names.ts';

it.each([
  ['run', 'task', 1, ['run-task']],
  ['run', 'task', 3, ['run-task-0', 'run-task-1', 'run-task-2']],
  ['run', 'task', 0, []],
  // The suffix fits, the run's name is cut and hashed.
  ['a-pipeline-run-with-a-name-that-is-long-enough-to-be-cut-short', 'unit', 2, ['a-pipeline-run-with-a-na', 'a-pipeline-run-with-a-na']],
])('%s, %s, %i', (run, task, count, starts) => {
  const names = childNames(run, task, count);
  expect(names).toHaveLength(starts.length);
  for (const [index, name] of names.entries()) {
    expect(name.startsWith(starts[index] ?? '?')).toBe(true);
    expect(name.length).toBeLessThanOrEqual(63);
    if (count > 1) expect(name.endsWith(`-${index}`)).toBe(true);
  }
  expect(new Set(names).size).toBe(names.length);
});
