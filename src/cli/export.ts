import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubeObject, Stored } from '../resources/object.ts';
import { groupKindOf } from '../resources/object.ts';
import { apiVersionOf, type ResourceType, resourceTypes } from '../resources/registry.ts';
import { asWritten } from './as-written.ts';
import type { CliContext } from './context.ts';

export interface ExportOptions {
  readonly output?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  /** `false`: without Secrets. */
  readonly secrets?: boolean | undefined;
}

/** What happened rather than what was configured: applied elsewhere it would happen again. */
const happenings: ReadonlySet<string> = new Set(['TaskRun', 'PipelineRun', 'CustomRun', 'ResolutionRequest', 'RunAction', 'Pod', 'Event']);
/** What every cluster has of its own. */
const givens: ReadonlySet<string> = new Set(['Namespace/default', 'ServiceAccount/default']);

/**
 * Writes what is configured as YAML that applies to another server or a cluster: no runs and what they left, nothing that belongs to another object. To
 * standard output, or into a folder, a file for each namespace and kind.
 */
export async function exportAll(context: CliContext, { output, allNamespaces = false, secrets = true }: ExportOptions): Promise<void> {
  const files = new Map<string, KubeObject[]>();
  const types = resourceTypes.filter(
    ({ kind, embeddedOnly }) => !happenings.has(kind) && embeddedOnly === undefined && (secrets || kind !== 'Secret'),
  );
  let count = 0;
  for (const type of types) {
    for (const object of await configured(context, type, allNamespaces)) {
      const file = join(object.metadata.namespace ?? '', `${type.plural}${type.group === '' ? '' : `.${type.group}`}.yaml`);
      files.set(file, [...(files.get(file) ?? []), asWritten(object)]);
      count++;
    }
  }
  if (output === undefined) {
    context.print(textOf([...files.values()].flat()));
    return;
  }
  for (const [file, objects] of files) {
    await mkdir(join(output, file, '..'), { recursive: true });
    await writeFile(join(output, file), textOf(objects), { mode: 0o600 });
  }
  context.note(`${count} resources in ${files.size} files below ${output}${secrets ? ', secrets in clear among them' : ''}`);
}

async function configured({ client, namespace }: CliContext, type: ResourceType, allNamespaces: boolean): Promise<readonly Stored[]> {
  const kind = groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind });
  if (!type.namespaced && !allNamespaces) return [];
  const { items } = await client.list(kind, allNamespaces ? undefined : namespace);
  return items.filter(({ metadata }) => metadata.ownerReferences === undefined && !givens.has(`${type.kind}/${metadata.name}`));
}

function textOf(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
