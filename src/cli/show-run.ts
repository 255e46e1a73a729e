import type { Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { succeeded, time } from './columns.ts';
import type { CliContext } from './context.ts';
import { followRun, type RunKind } from './follow-run.ts';
import { duration } from './output.ts';
import { pipelineRunRows, type RunRow, taskRunRow } from './run-rows.ts';
import { runTree } from './run-tree.ts';
import { printable } from './terminal.ts';

type Run = Stored<PipelineRun> | Stored<TaskRun>;

/** How often the tree is drawn anew at most, so that a chatty step does not keep the terminal busy. */
const FRAME_MS = 80;

/**
 * Follows a run to its end before the user's eyes: a tree that redraws itself in a terminal, prefixed lines when piped. Gives the
 * run as it ended.
 */
export async function showRun(context: CliContext, kind: RunKind, name: string): Promise<Run> {
  const screen = context.terminal.interactive ? treeScreen(context) : plainScreen(context);
  try {
    const run = await followRun(context, kind, name, screen);
    screen.end(run);
    context.print(outcomeText(context, run));
    return run;
  } catch (error) {
    screen.end(undefined);
    throw error;
  }
}

interface Screen {
  onChange(run: Run, taskRuns: readonly Stored<TaskRun>[]): void;
  onLine(task: string, step: string, line: string): void;
  end(run: Run | undefined): void;
}

function plainScreen(context: CliContext): Screen {
  const told = new Map<string, string>();
  return {
    onChange(_run, taskRuns) {
      for (const taskRun of taskRuns) {
        const { task, state, note } = taskRunRow(taskRun, taskLabel(taskRun), false);
        const line = `[${task}] ${state}${note === '' ? '' : `: ${printable(note)}`}`;
        if (state === 'pending' && note === '') continue;
        if (told.get(task) === line) continue;
        told.set(task, line);
        context.note(line);
      }
    },
    onLine: (task, step, line) => context.print(`[${task} : ${step}] ${line}\n`),
    end: () => {},
  };
}

function treeScreen(context: CliContext): Screen {
  const { terminal, clock } = context;
  const lastLines = new Map<string, string>();
  const output = new Map<string, string[]>();
  let drawn = 0;
  let rows: readonly RunRow[] = [];
  let title = '';
  const draw = (): void => {
    const lines = runTree(title, rows, lastLines, clock.now(), terminal);
    context.print(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const frames = setInterval(() => title !== '' && draw(), FRAME_MS);
  frames.unref();
  return {
    onChange(run, taskRuns) {
      rows = rowsOf(run, taskRuns);
      title = titleOf(context, run);
    },
    onLine(task, step, line) {
      lastLines.set(task, line);
      const lines = output.get(task) ?? [];
      lines.push(`[${task} : ${step}] ${line}`);
      output.set(task, lines);
    },
    end(run) {
      clearInterval(frames);
      if (title === '') return;
      draw();
      if (run === undefined) return;
      // A tree shows one line of each task; of those that failed people want to see all.
      for (const row of rows) {
        const lines = row.state === 'failed' ? output.get(row.task) : undefined;
        if (lines !== undefined) context.print(`\n${lines.join('\n')}\n`);
      }
    },
  };
}

function rowsOf(run: Run, taskRuns: readonly Stored<TaskRun>[]): readonly RunRow[] {
  return run.kind === 'PipelineRun'
    ? pipelineRunRows(run as Stored<PipelineRun>, taskRuns)
    : taskRuns.map((taskRun) => taskRunRow(taskRun, taskLabel(taskRun), false));
}

function taskLabel(taskRun: Stored<TaskRun>): string {
  return taskRun.metadata.labels?.['tekton.dev/pipelineTask'] ?? taskRun.metadata.name;
}

function titleOf(context: CliContext, run: Run): string {
  const condition = succeeded(run);
  const started = time(run.status?.startTime);
  const ended = time(run.status?.completionTime);
  const took = started === undefined ? '' : `  ${duration((ended ?? context.clock.now()) - started)}`;
  return `${run.metadata.name}  ${condition?.reason ?? 'Pending'}${took}`;
}

function outcomeText(context: CliContext, run: Run): string {
  const { terminal } = context;
  const condition = succeeded(run);
  const good = condition?.status === 'True';
  const verdict = terminal.paint(good ? 'green' : 'red', `${good ? '✓' : '✗'} ${condition?.reason ?? 'Unknown'}`);
  const results = (run.status?.results ?? []).map(({ name, value }) => `  ${name} = ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
  return [`${verdict}: ${printable(condition?.message ?? '')}`, ...results].map((line) => `${line}\n`).join('');
}
