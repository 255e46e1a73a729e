import { KubeError } from '../kube/kube-client.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import { resourceTypes, typeOfGroupKind } from '../resources/registry.ts';
import { warningParts } from '../resources/warning-parts.ts';
import { asWritten } from './as-written.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { type Manifest, readManifests } from './read-manifests.ts';
import { oneLine } from './terminal.ts';

export interface ApplyOptions {
  readonly files: readonly string[];
  readonly dryRun?: boolean | undefined;
  /** For files that were written by a server: without what that one noted. */
  readonly fromServer?: boolean | undefined;
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
  const checked = await checkedManifests(context, options.files, options.fromServer === true ? asWritten : undefined);
  return options.dryRun === true ? [] : applyManifests(context, checked);
}

/** Resources the server would take, and the warnings that were told of them. */
export interface CheckedManifests {
  readonly manifests: readonly Manifest[];
  readonly warned: ReadonlySet<string>;
}

/** The resources of the files, every one of which the server would take. Writes nothing. Throws with all errors at once. */
export async function checkedManifests(
  context: CliContext,
  files: readonly string[],
  change: (object: KubeObject) => KubeObject = (object) => object,
): Promise<CheckedManifests> {
  const read = await readManifests(files);
  const manifests = read.manifests
    .map((manifest) => ({ ...manifest, object: change(manifest.object) }))
    .map((manifest) => inNamespace(manifest, context.namespace));
  const errors = [...read.errors];
  const warnings = new Set<string>();
  const namespaces = new Set(manifests.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.metadata?.name] : [])));
  for (const manifest of manifests) {
    const problem = shapeProblem(manifest.object);
    if (problem !== undefined) {
      errors.push(errorLine(manifest, problem.field, problem.message));
      continue;
    }
    try {
      const result = await write(context, manifest, true);
      for (const warning of result.warnings) warnings.add(warningLine(manifest, warning));
    } catch (error) {
      // A cluster cannot check what is for a namespace that these files only bring.
      if (!(isMissingNamespace(error) && namespaces.has(manifest.object.metadata.namespace))) errors.push(...explain(manifest, error));
    }
  }
  for (const warning of warnings) context.note(warning);
  if (errors.length > 0) {
    throw new CliError(
      exitCodes.usage,
      `${errors.join('\n')}\n${errors.length === 1 ? '1 error' : `${errors.length} errors`}, nothing was applied`,
    );
  }
  return { manifests, warned: warnings };
}

/**
 * Writes what was checked. When the server changes its mind in between, what was written before is told. Now that what they refer to is there, it may know
 * more that looks wrong.
 */
export async function applyManifests(context: CliContext, { manifests, warned }: CheckedManifests): Promise<readonly Applied[]> {
  const applied = new Map<Manifest, Applied>();
  const inOrder = (): readonly Applied[] => manifests.flatMap((manifest) => applied.get(manifest) ?? []);
  for (const manifest of inOrderOfNeed(manifests)) {
    try {
      const written = await write(context, manifest, false);
      applied.set(manifest, written.applied);
      for (const line of written.warnings.map((warning) => warningLine(manifest, warning))) if (!warned.has(line)) context.note(line);
    } catch (error) {
      if (applied.size > 0) context.note(appliedLines(inOrder()).trimEnd());
      throw new CliError(exitCodes.failed, explain(manifest, error).join('\n'), { cause: error });
    }
  }
  return inOrder();
}

/** Namespaces first. What takes events comes behind what it leads to: none should meet a listener whose template is still on its way. */
function inOrderOfNeed(manifests: readonly Manifest[]): readonly Manifest[] {
  const last = ['triggers.tekton.dev/Trigger', 'triggers.tekton.dev/EventListener', 'tappet.dev/Schedule'];
  const rank = ({ object }: Manifest): number => (object.kind === 'Namespace' ? -2 : last.indexOf(groupKindOf(object)));
  return manifests.toSorted((a, b) => rank(a) - rank(b));
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
  const type = typeof object.apiVersion === 'string' && typeof object.kind === 'string' ? typeOfGroupKind(groupKindOf(object)) : undefined;
  const metadata: unknown = object.metadata;
  if (
    type === undefined ||
    !type.namespaced ||
    typeof metadata !== 'object' ||
    metadata === null ||
    object.metadata.namespace !== undefined
  )
    return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}

/** How often a write is tried again that another's came before: a controller writes statuses at any time. */
const ATTEMPTS = 5;

async function write(context: CliContext, manifest: Manifest, dryRun: boolean): ReturnType<typeof writeOnce> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeOnce(context, manifest, dryRun);
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'Conflict') || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function writeOnce(
  { client }: CliContext,
  { object }: Manifest,
  dryRun: boolean,
): Promise<{ readonly warnings: readonly string[]; readonly applied: Applied }> {
  const kind = groupKindOf(object);
  const { name, namespace } = object.metadata;
  const current = name === undefined ? undefined : await client.get(kind, namespace, name);
  if (current === undefined) {
    const { object: created, warnings } = await client.create(object, kind, { dryRun });
    return { warnings, applied: { object: created, action: 'created' } };
  }
  // A cluster replaces a custom object only over the version that it is told.
  const next = { ...object, metadata: { ...object.metadata, resourceVersion: current.metadata.resourceVersion } };
  const { object: replaced, warnings } = await client.replace(next, kind, { dryRun });
  const action = replaced.metadata.resourceVersion === current.metadata.resourceVersion ? 'unchanged' : 'configured';
  return { warnings, applied: { object: replaced, action } };
}

/** What must hold before the server can be asked at all. */
export function shapeProblem(object: Manifest['object']): { readonly field: string; readonly message: string } | undefined {
  for (const field of ['apiVersion', 'kind'] as const) {
    const value: unknown = object[field];
    if (value === undefined) return { field: '', message: `${field} is missing` };
    if (typeof value !== 'string' || value === '') return { field, message: `got ${JSON.stringify(value)}, expected text` };
  }
  if (typeOfGroupKind(groupKindOf(object)) === undefined) return { field: '', message: unknownKind(object.apiVersion, object.kind) };
  const { metadata }: { metadata?: unknown } = object;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return {
      field: 'metadata',
      message: `got ${metadata === undefined ? 'nothing' : JSON.stringify(metadata)}, expected a mapping with a name`,
    };
  }
  for (const field of ['name', 'namespace'] as const) {
    const value = Object.hasOwn(metadata, field) ? Reflect.get(metadata, field) : undefined;
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return { field: `metadata.${field}`, message: `got ${JSON.stringify(value)}, expected text: write it in quotes` };
    }
  }
  return undefined;
}

function unknownKind(apiVersion: string, kind: string): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const kinds = resourceTypes.filter((type) => type.group === group).map((type) => type.kind);
  if (kinds.length > 0) return `${apiVersion} has no kind ${kind}; it has ${kinds.join(', ')}`;
  const groups = [...new Set(resourceTypes.map((type) => (type.group === '' ? type.version : type.group)))];
  return `apiVersion ${apiVersion} is not known (kind ${kind}); known are those of ${groups.join(', ')}`;
}

function isMissingNamespace(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404 && error.message.startsWith('namespaces "');
}

function explain(manifest: Manifest, error: unknown): string[] {
  if (!(error instanceof KubeError)) throw error;
  const { causes } = error;
  return causes.length === 0
    ? [errorLine(manifest, '', error.message)]
    : causes.map(({ field, message }) => errorLine(manifest, field, message));
}

/** `pipeline.yaml:12: Pipeline build: spec.tasks[0].name: missing field(s)`. */
function errorLine({ at, object }: Manifest, field: string, message: string): string {
  const { kind, name } = identityOf(object);
  const what = name === undefined ? kind : `${kind} ${name}`;
  return [at(field), what, ...(field === '' ? [] : [field]), message].map(oneLine).join(': ');
}

function warningLine({ at }: Manifest, warning: string): string {
  return `Warning: ${at(warningParts(warning.replace(/^error: /, '')).path)}: ${oneLine(warning)}`;
}

/** What a resource calls itself that came from a file and that nobody has checked yet. */
export function identityOf(object: Manifest['object']): { readonly kind: string; readonly name?: string } {
  const { metadata }: { metadata?: { readonly name?: unknown; readonly generateName?: unknown } | null } = object;
  const name = metadata?.name ?? metadata?.generateName;
  return { kind: typeof object.kind === 'string' ? object.kind : 'resource', ...(typeof name === 'string' ? { name } : {}) };
}
