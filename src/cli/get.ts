import { nameOf } from './apply.ts';
import { withoutManagedFields } from './as-written.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { columnsOf } from './columns.ts';
import type { CliContext } from './context.ts';
import { findKind } from './find-kind.ts';
import { outputFormat, render, table } from './output.ts';

export interface GetOptions {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly output?: string | undefined;
  readonly selector?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
}

/** `tappet get KIND [NAME]`: a table, or the objects themselves as JSON or YAML. */
export async function get(context: CliContext, options: GetOptions): Promise<void> {
  const kind = findKind(options.kind);
  const format = outputFormat(options.output, ['json', 'yaml', 'name', 'wide']);
  if (options.name !== undefined && options.allNamespaces === true) {
    throw new CliError(
      exitCodes.usage,
      'one resource by its name cannot be looked for in all namespaces: leave out -A, and name the namespace with -n',
    );
  }
  const items = options.name === undefined ? await list(context, kind, options) : [await one(context, kind, options.name)];
  if (format === 'json' || format === 'yaml') {
    const shown = items.map(withoutManagedFields);
    context.print(render(options.name === undefined ? { apiVersion: 'v1', kind: 'List', items: shown } : shown[0], format));
    return;
  }
  if (format === 'name') {
    context.print(items.map((object) => `${nameOf(object)}\n`).join(''));
    return;
  }
  if (items.length === 0) {
    context.note(options.allNamespaces === true ? 'No resources found.' : `No resources found in namespace ${context.namespace}.`);
    return;
  }
  const { header, row, wide } = columnsOf(kind);
  const now = context.clock.now();
  const whole = format === 'wide';
  const spaced = options.allNamespaces === true;
  context.print(
    table(
      [...(spaced ? ['NAMESPACE'] : []), ...header, ...(whole && wide !== undefined ? [wide.header] : [])],
      items.map((object) => [
        ...(spaced ? [object.metadata.namespace ?? ''] : []),
        ...row(object, now),
        ...(whole && wide !== undefined ? [wide.cell(object)] : []),
      ]),
      // "wide" is for people who want everything, and have a terminal or a pager that scrolls.
      { width: whole ? Number.POSITIVE_INFINITY : context.terminal.width },
    ),
  );
}

async function list({ client, namespace }: CliContext, kind: string, options: GetOptions) {
  return (await client.list(kind, options.allNamespaces === true ? undefined : namespace, { labelSelector: options.selector })).items;
}

async function one({ client, namespace }: CliContext, kind: string, name: string) {
  const object = await client.get(kind, namespace, name);
  if (object === undefined) throw new CliError(exitCodes.failed, `${kind} ${namespace}/${name} not found`);
  return object;
}
