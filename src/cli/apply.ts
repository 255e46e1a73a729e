import { groupKindOf, type Stored } from '../resources/object.ts';
import { typeOfGroupKind } from '../resources/registry.ts';
import { ApiError } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { type Manifest, readManifests } from './read-manifests.ts';

export interface ApplyOptions {
  readonly files: readonly string[];
  readonly dryRun?: boolean | undefined;
}

export interface Applied {
  readonly object: Stored;
  readonly action: 'created' | 'configured' | 'unchanged';
}

/**
 * Creates or replaces every resource of the files. All are checked on the server first; when one is refused nothing is written and
 * every error of every document is told, each with its file, line and path.
 */
export async function apply(context: CliContext, options: ApplyOptions): Promise<readonly Applied[]> {
  const manifests = (await readManifests(options.files)).map((manifest) => inNamespace(manifest, context.namespace));
  const errors: string[] = [];
  const warnings = new Set<string>();
  for (const manifest of manifests) {
    try {
      const result = await write(context, manifest, true);
      for (const warning of result.warnings) warnings.add(`Warning: ${manifest.at}: ${warning}`);
    } catch (error) {
      errors.push(...explain(manifest, error));
    }
  }
  for (const warning of warnings) context.note(warning);
  if (errors.length > 0) {
    throw new CliError(exitCodes.usage, `${errors.join('\n')}\n${errors.length === 1 ? '1 error' : `${errors.length} errors`}, nothing was applied`);
  }
  if (options.dryRun === true) return [];
  const applied: Applied[] = [];
  for (const manifest of manifests) {
    try {
      applied.push((await write(context, manifest, false)).applied);
    } catch (error) {
      throw new CliError(exitCodes.usage, explain(manifest, error).join('\n'), { cause: error });
    }
  }
  return applied;
}

/** `pipelinerun.tekton.dev/build-x7k2p created`, a line an object. */
export function appliedLines(applied: readonly Applied[]): string {
  return applied.map(({ object, action }) => `${nameOf(object)} ${action}\n`).join('');
}

export function nameOf(object: Stored): string {
  const type = typeOfGroupKind(groupKindOf(object));
  const kind = object.kind.toLowerCase();
  return `${type === undefined || type.group === '' ? kind : `${kind}.${type.group}`}/${object.metadata.name}`;
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  const { object } = manifest;
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') return manifest;
  const type = typeOfGroupKind(groupKindOf(object));
  if (type === undefined || !type.namespaced || object.metadata?.namespace !== undefined) return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}

async function write(
  { client }: CliContext,
  { object }: Manifest,
  dryRun: boolean,
): Promise<{ readonly warnings: readonly string[]; readonly applied: Applied }> {
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') {
    throw new CliError(exitCodes.usage, 'a resource needs apiVersion and kind, both strings');
  }
  const kind = groupKindOf(object);
  if (typeOfGroupKind(kind) === undefined) throw new CliError(exitCodes.usage, `unknown kind ${object.kind} of ${object.apiVersion}; "tappet kinds" lists what is known`);
  const name = object.metadata?.name;
  const current = name === undefined ? undefined : await client.get(kind, object.metadata.namespace, name);
  if (current === undefined) {
    const { object: created, warnings } = await client.create(object, kind, { dryRun });
    return { warnings, applied: { object: created, action: 'created' } };
  }
  const { object: replaced, warnings } = await client.replace(object, kind, { dryRun });
  const action = replaced.metadata.resourceVersion === current.metadata.resourceVersion ? 'unchanged' : 'configured';
  return { warnings, applied: { object: replaced, action } };
}

function explain({ at, object }: Manifest, error: unknown): string[] {
  const what = `${at}: ${object.kind ?? 'resource'} ${object.metadata?.name ?? object.metadata?.generateName ?? ''}`.trimEnd();
  if (error instanceof ApiError) {
    if (error.status.causes.length === 0) return [`${what}: ${error.message}`];
    return error.status.causes.map(({ field, message }) => `${what}: ${field === '' ? '' : `${field}: `}${message}`);
  }
  if (error instanceof CliError && error.exitCode === exitCodes.usage) return [`${what}: ${error.message}`];
  throw error;
}
