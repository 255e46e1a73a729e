import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { Schedule } from '../resources/schedule/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { withoutManagedFields } from './as-written.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { conditions, field, time } from './columns.ts';
import type { CliContext } from './context.ts';
import { describeListener } from './describe-listener.ts';
import { findKind } from './find-kind.ts';
import { hang } from './fit.ts';
import { duration, outputFormat, render, table } from './output.ts';
import { pipelineRunRows, taskRunRow } from './run-rows.ts';
import { taskLines } from './run-tree.ts';
import { fireLines } from './schedules.ts';
import { printable, type Terminal } from './terminal.ts';

export interface DescribeOptions {
  readonly kind: string;
  readonly name: string;
  readonly output?: string | undefined;
}

/** Everything worth knowing about one object, for people: conditions with their messages, params, the tree of a run, results. */
export async function describe(context: CliContext, options: DescribeOptions): Promise<void> {
  const kind = findKind(options.kind);
  const format = outputFormat(options.output);
  const object = await context.client.get(kind, context.namespace, options.name);
  if (object === undefined) throw new CliError(exitCodes.failed, `${kind} ${context.namespace}/${options.name} not found`);
  if (format === 'json' || format === 'yaml') {
    context.print(render(withoutManagedFields(object), format));
    return;
  }
  const sections = [head(object, context.terminal), conditionLines(object, context.terminal), ...(await body(context, kind, object))];
  context.print(sections.filter((section) => section !== '').join('\n'));
}

function head(object: Stored, terminal: Terminal): string {
  const { name, namespace, creationTimestamp, labels, annotations } = object.metadata;
  const pairs: [string, string][] = [
    ['Name:', name],
    ['Namespace:', namespace ?? ''],
    ['Kind:', `${object.kind} (${object.apiVersion})`],
    ['Created:', creationTimestamp],
    ...Object.entries(labels ?? {}).map(([key, value], index): [string, string] => [index === 0 ? 'Labels:' : '', `${key}=${value}`]),
    ...Object.entries(annotations ?? {}).map(([key, value], index): [string, string] => [
      index === 0 ? 'Annotations:' : '',
      `${key}=${value}`,
    ]),
  ];
  return block(
    pairs.filter(([, value]) => value !== '').flatMap(([label, value]) => hang(label.padEnd(14), printable(value), terminal.width)),
  );
}

function conditionLines(object: Stored, terminal: Terminal): string {
  const all = conditions(object).flatMap(({ type, status, reason, message }) => [
    `  ${type}=${status}  ${reason ?? ''}`.trimEnd(),
    ...(message ? hang('    ', printable(message), terminal.width) : []),
  ]);
  return all.length === 0 ? '' : block(['Conditions:', ...all]);
}

async function body(context: CliContext, kind: string, object: Stored): Promise<readonly string[]> {
  if (kind === 'tekton.dev/PipelineRun') return pipelineRun(context, object as Stored<PipelineRun>);
  if (kind === 'tekton.dev/TaskRun') return taskRun(context, object as Stored<TaskRun>);
  if (kind === 'triggers.tekton.dev/EventListener') return describeListener(context, object as Stored<EventListener>);
  const { clock, terminal } = context;
  const fires =
    kind === 'tappet.dev/Schedule' ? [block(['Next fires:', ...fireLines(object as Stored<Schedule>, clock.now(), terminal.width)])] : [];
  // Secrets have data and no spec; their values are nobody's business here.
  if (object['data'] !== undefined) return [block(['Keys:', ...Object.keys(Object(object['data'])).map((key) => `  ${printable(key)}`)])];
  return object['spec'] === undefined ? [] : [...fires, `Spec:\n${indent(printable(render(object['spec'], 'yaml')))}`];
}

async function pipelineRun(context: CliContext, run: Stored<PipelineRun>): Promise<readonly string[]> {
  const { items } = await context.client.list('tekton.dev/TaskRun', run.metadata.namespace, {
    labelSelector: `tekton.dev/pipelineRun=${run.metadata.name}`,
  });
  const { terminal, clock } = context;
  const tree = taskLines(pipelineRunRows(run, items as Stored<TaskRun>[]), new Map(), clock.now(), {
    width: terminal.width - 2,
    paint: terminal.paint,
  });
  return [
    values('Params', run.spec.params, terminal),
    tree.length === 0 ? '' : block(['Tasks:', ...tree.map((line) => `  ${line}`)]),
    values('Results', run.status?.results, terminal),
  ];
}

function taskRun({ terminal, clock }: CliContext, run: Stored<TaskRun>): readonly string[] {
  const row = taskRunRow(run, run.metadata.name, false);
  const took = row.startedAt === undefined ? '' : duration((row.endedAt ?? clock.now()) - row.startedAt);
  return [
    values('Params', run.spec.params, terminal),
    took === '' ? '' : block([`Duration:     ${took}`]),
    run.status?.steps === undefined || run.status.steps.length === 0 ? '' : `Steps:\n${indent(steps(run.status.steps, terminal))}`,
    values('Results', run.status?.results, terminal),
  ];
}

function steps(states: NonNullable<NonNullable<TaskRun['status']>['steps']>, terminal: Terminal): string {
  const rows = states.map((step) => {
    const { terminated, running, waiting } = step;
    const began = time(terminated?.startedAt ?? running?.startedAt);
    const ended = time(terminated?.finishedAt);
    const took = began === undefined || ended === undefined ? '' : duration(ended - began);
    if (terminated)
      return [
        step.name ?? '',
        `exit ${terminated.exitCode}`,
        took,
        step.terminationReason ?? terminated.reason ?? '',
        terminated.message ?? '',
      ];
    if (running) return [step.name ?? '', 'running', took, '', ''];
    return [step.name ?? '', 'waiting', '', waiting?.reason ?? '', waiting?.message ?? ''];
  });
  return table(['NAME', 'STATE', 'TOOK', 'REASON', 'MESSAGE'], rows, { width: terminal.width - 2 });
}

function values(title: string, list: unknown, terminal: Terminal): string {
  if (!Array.isArray(list) || list.length === 0) return '';
  const lines = list.flatMap((entry) => {
    const value = field(entry, 'value');
    return hang(
      `  ${printable(String(field(entry, 'name')))} = `,
      printable(typeof value === 'string' ? value : JSON.stringify(value)).trimEnd(),
      terminal.width,
    );
  });
  return block([`${title}:`, ...lines]);
}

function block(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
