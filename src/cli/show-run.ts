import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { succeeded, taskLabel, time } from './columns.ts';
import type { CliContext } from './context.ts';
import { hang } from './fit.ts';
import { followRun, type Run, type RunKind } from './follow-run.ts';
import { ObservedTimes } from './observed-times.ts';
import { duration } from './output.ts';
import { pipelineRunRows, type RunRow, taskRunRow } from './run-rows.ts';
import { runTree } from './run-tree.ts';
import { plainOutput, printable } from './terminal.ts';

/** How often the tree is drawn anew at most, so that a chatty step does not keep the terminal busy. */
const FRAME_MS = 80;

/**
 * Follows a run to its end before the user's eyes: a tree that redraws itself in a terminal, prefixed lines when piped. Gives the
 * run as it ended; undefined when the user stopped watching.
 */
export async function showRun(context: CliContext, kind: RunKind, name: string): Promise<Run | undefined> {
  const screen = context.terminal.interactive ? treeScreen(context) : plainScreen(context);
  let run: Run | undefined;
  try {
    run = await followRun(context, kind, name, screen);
  } finally {
    screen.end(run);
  }
  if (run !== undefined) context.print(outcomeText(context, run));
  else context.note(`${name} goes on unwatched: "tappet logs -f ${name}" follows it, "tappet cancel ${name}" ends it`);
  return run;
}

interface Screen {
  onChange(run: Run, taskRuns: readonly Stored<TaskRun>[]): void;
  onLine(task: string, step: string, line: string): void;
  /** `run` as it ended, or undefined when that is not known. */
  end(run: Run | undefined): void;
}

/** Output of steps on standard output, statuses on standard error: a log file has the one without the other. */
function plainScreen(context: CliContext): Screen {
  const told = new Map<string, string>();
  return {
    onChange(run, taskRuns) {
      for (const { task, state, note } of rowsOf(run, taskRuns)) {
        // Tasks begin waiting or pending: worth a line only when there is a reason to tell.
        if (state === 'waiting' || (state === 'pending' && note === '')) continue;
        const line = `[${task}] ${state}${note === '' ? '' : `: ${printable(note)}`}`;
        if (told.get(task) === line) continue;
        told.set(task, line);
        context.note(line);
      }
    },
    onLine: (task, step, line) => context.print(`[${task} : ${step}] ${context.terminal.output(line)}\n`),
    end: () => {},
  };
}

function treeScreen(context: CliContext): Screen {
  const { terminal, clock } = context;
  const lastLines = new Map<string, string>();
  const output = new Map<string, string[]>();
  const times = new ObservedTimes(clock);
  let drawn = 0;
  let rows: readonly RunRow[] = [];
  let current: Run | undefined;
  const draw = (run: Run, whole: boolean): void => {
    const all = runTree(
      titleOf(context, run, times),
      rows.map((row) => times.ofRow(row)),
      lastLines,
      clock.now(),
      terminal,
    );
    // To the first column first: a terminal echoes "^C". The cursor cannot go up beyond the screen: while the run goes on, a tree that is too tall shows as many of its lines as there is room for.
    const lines = whole ? all : visible(all, terminal.height - 1);
    context.print(`\r${drawn > 0 ? `\u001b[${drawn}A` : ''}\u001b[J${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const frames = setInterval(() => current !== undefined && draw(current, false), FRAME_MS);
  frames.unref();
  return {
    onChange(run, taskRuns) {
      current = run;
      rows = rowsOf(run, taskRuns);
      times.seeRun(run);
      for (const row of rows) times.seeRow(row);
    },
    onLine(task, step, line) {
      if (line.trim() !== '') lastLines.set(task, plainOutput(line));
      const lines = output.get(task) ?? [];
      lines.push(`[${task} : ${step}] ${terminal.output(line)}`);
      output.set(task, lines);
    },
    end(run) {
      clearInterval(frames);
      if (current === undefined) return;
      draw(current, true);
      if (run === undefined) return;
      // A tree shows one line of each task; of those that failed people want to see all.
      for (const row of rows) {
        const lines = row.state === 'failed' ? output.get(row.task) : undefined;
        if (lines !== undefined) context.print(`\n${lines.join('\n')}\n`);
      }
      context.print('\n');
    },
  };
}

function visible(lines: readonly string[], height: number): readonly string[] {
  if (lines.length <= height) return lines;
  const shown = lines.slice(0, height - 1);
  return [...shown, `… ${lines.length - shown.length} more`];
}

function rowsOf(run: Run, taskRuns: readonly Stored<TaskRun>[]): readonly RunRow[] {
  return run.kind === 'PipelineRun'
    ? pipelineRunRows(run as Parameters<typeof pipelineRunRows>[0], taskRuns)
    : taskRuns.map((taskRun) => taskRunRow(taskRun, taskLabel(taskRun), false));
}

function titleOf(context: CliContext, run: Run, times: ObservedTimes): string {
  const condition = succeeded(run);
  const started = times.runStarted ?? time(run.status?.startTime);
  const ended = times.runEnded ?? time(run.status?.completionTime);
  const took = started === undefined ? '' : `  ${duration((ended ?? context.clock.now()) - started)}`;
  return `${run.metadata.name}  ${condition?.reason ?? 'Pending'}${took}`;
}

function outcomeText(context: CliContext, run: Run): string {
  const { terminal } = context;
  const condition = succeeded(run);
  const good = condition?.status === 'True';
  const reason = condition?.reason ?? 'Unknown';
  const [first = '', ...more] = hang(`${good ? '✓' : '✗'} ${reason}: `, printable(condition?.message ?? ''), terminal.width);
  const verdict = first.replace(/^.*?:/, (text) => terminal.paint(good ? 'green' : 'red', text));
  const results = (run.status?.results ?? []).flatMap(({ name, value }) =>
    hang(`  ${name} = `, printable(typeof value === 'string' ? value : JSON.stringify(value)).trimEnd(), terminal.width),
  );
  return [verdict, ...more, ...results].map((line) => `${line}\n`).join('');
}
