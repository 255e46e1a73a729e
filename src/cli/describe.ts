import type { Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { conditions, field, time } from './columns.ts';
import type { CliContext } from './context.ts';
import { findKind } from './find-kind.ts';
import { duration, outputFormat, render } from './output.ts';
import { pipelineRunRows, taskRunRow } from './run-rows.ts';
import { runTree } from './run-tree.ts';
import { printable } from './terminal.ts';

export interface DescribeOptions {
  readonly kind: string;
  readonly name: string;
  readonly output?: string | undefined;
}

/** Everything worth knowing about one object, for people: conditions with their messages, params, the tree of a run, results. */
export async function describe(context: CliContext, options: DescribeOptions): Promise<void> {
  const kind = findKind(options.kind);
  const object = await context.client.get(kind, context.namespace, options.name);
  if (object === undefined) throw new CliError(exitCodes.failed, `${kind} ${context.namespace}/${options.name} not found`);
  const format = outputFormat(options.output);
  if (format === 'json' || format === 'yaml') {
    context.print(render(object, format));
    return;
  }
  const sections = [head(object), conditionLines(object), ...(await body(context, kind, object))];
  context.print(sections.filter((section) => section !== '').join('\n'));
}

function head(object: Stored): string {
  const { name, namespace, creationTimestamp, labels, annotations } = object.metadata;
  const lines: [string, string][] = [
    ['Name', name],
    ['Namespace', namespace ?? ''],
    ['Kind', `${object.kind} (${object.apiVersion})`],
    ['Created', creationTimestamp],
    ...Object.entries(labels ?? {}).map(([key, value], index): [string, string] => [index === 0 ? 'Labels' : '', `${key}=${value}`]),
    ...Object.entries(annotations ?? {}).map(([key, value], index): [string, string] => [index === 0 ? 'Annotations' : '', `${key}=${value}`]),
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${(label === '' ? '' : `${label}:`).padEnd(14)}${printable(value)}\n`)
    .join('');
}

function conditionLines(object: Stored): string {
  const all = conditions(object);
  if (all.length === 0) return '';
  return `Conditions:\n${all.map(({ type, status, reason, message }) => `  ${type}=${status}  ${reason ?? ''}\n${message ? `    ${printable(message).replaceAll('\n', '\n    ')}\n` : ''}`).join('')}`;
}

async function body(context: CliContext, kind: string, object: Stored): Promise<readonly string[]> {
  if (kind === 'tekton.dev/PipelineRun') return pipelineRun(context, object as Stored<PipelineRun>);
  if (kind === 'tekton.dev/TaskRun') return taskRun(context, object as Stored<TaskRun>);
  if (object['spec'] === undefined) return [];
  return [`Spec:\n${indent(render(object['spec'], 'yaml'))}`];
}

async function pipelineRun(context: CliContext, run: Stored<PipelineRun>): Promise<readonly string[]> {
  const { items } = await context.client.list('tekton.dev/TaskRun', run.metadata.namespace, { labelSelector: `tekton.dev/pipelineRun=${run.metadata.name}` });
  const rows = pipelineRunRows(run, items as Stored<TaskRun>[]);
  const [, ...tree] = runTree('', rows, new Map(), context.clock.now(), context.terminal);
  return [values('Params', run.spec.params), `Tasks:\n${tree.map((line) => `  ${line}\n`).join('')}`, values('Results', run.status?.results)];
}

function taskRun(context: CliContext, run: Stored<TaskRun>): readonly string[] {
  const row = taskRunRow(run, run.metadata.name, false);
  const took = row.startedAt === undefined ? '' : duration((row.endedAt ?? context.clock.now()) - row.startedAt);
  const steps = (run.status?.steps ?? []).map((step) => {
    const ended = step.terminated;
    const started = time(ended?.startedAt ?? step.running?.startedAt);
    const finished = time(ended?.finishedAt);
    const state = ended
      ? `exit ${ended.exitCode} (${step.terminationReason ?? ended.reason ?? ''})`
      : step.running
        ? 'running'
        : `waiting ${step.waiting?.reason ?? ''} ${step.waiting?.message ?? ''}`.trimEnd();
    return `  ${step.name}  ${printable(state)}${started === undefined || finished === undefined ? '' : `  ${duration(finished - started)}`}\n`;
  });
  return [
    values('Params', run.spec.params),
    took === '' ? '' : `Duration:     ${took}\n`,
    steps.length === 0 ? '' : `Steps:\n${steps.join('')}`,
    values('Results', run.status?.results),
  ];
}

function values(title: string, list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return '';
  const lines = list.map((entry) => {
    const value = field(entry, 'value');
    return `  ${String(field(entry, 'name'))} = ${printable(typeof value === 'string' ? value : JSON.stringify(value))}\n`;
  });
  return `${title}:\n${lines.join('')}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
