import { describe, expect, it } from 'vitest';
import { widthOf } from './fit.ts';
import type { RunRow } from './run-rows.ts';
import { runTree } from './run-tree.ts';
import { terminalOf } from './terminal.ts';

const terminal = terminalOf({ isTTY: true, columns: 60, rows: 24 } as NodeJS.WriteStream, { NO_COLOR: '1' });

function row(task: string, state: RunRow['state'], more: Partial<RunRow> = {}): RunRow {
  return { task, state, final: false, note: '', ...more };
}

describe('runTree', () => {
  it('has a line a task', () => {
    const rows = [
      row('clone', 'succeeded', { startedAt: 0, endedAt: 1_200 }),
      row('test', 'running', { startedAt: 1_000 }),
      row('lint', 'failed', { startedAt: 1_000, endedAt: 2_000, note: 'StepFailed: exit 1' }),
      row('gate', 'skipped', { note: 'When Expressions evaluated to false' }),
      row('build', 'waiting', { note: 'waits for test' }),
      row('slot', 'pending'),
      row('other', 'cancelled', { startedAt: 0, endedAt: 500 }),
      row('notify', 'waiting', { final: true }),
    ];
    expect(runTree('run  Running', rows, new Map([['test', 'ok 12']]), 3_500, terminal)).toEqual([
      'run  Running',
      '├ ✓ clone     1.2s',
      '├ ● test      2.5s  ok 12',
      '├ ✗ lint        1s  StepFailed: exit 1',
      '├ – gate            When Expressions evaluated to false',
      '├ ○ build           waits for test',
      '├ ◌ slot',
      '├ ■ other     0.5s',
      '└ ○ notify          finally',
    ]);
  });

  it('fits the terminal, and nothing foreign rewrites it', () => {
    const hostile = 'x\u001b[2J\n'.repeat(40);
    const lines = runTree(
      hostile,
      [row('t'.repeat(80), 'running', { startedAt: 0 }), row('b', 'failed', { note: hostile })],
      new Map([['t'.repeat(80), hostile]]),
      1_500,
      terminal,
    );
    expect(lines).toEqual([
      `${'x\ufffd[2J '.repeat(9)}x\ufffd[2J…`,
      `├ ● ${'t'.repeat(29)}…    1.5s  ${'x\ufffd[2J '.repeat(2)}x\ufffd[…`,
      `└ ✗ b${' '.repeat(39)}${'x\ufffd[2J '.repeat(2)}x\ufffd[…`,
    ]);
    expect(lines.map(widthOf)).toEqual([60, 60, 60]);
  });
});
