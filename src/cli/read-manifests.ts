import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../resources/object.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { isTestFile } from './is-test-file.ts';

/** One resource of a file. */
export interface Manifest {
  readonly object: KubeObject;
  /** `pipeline.yaml:12`: where it begins, or where a field of it stands: `spec.tasks[0].name`. */
  at(field?: string): string;
}

export interface ManifestsRead {
  readonly manifests: readonly Manifest[];
  /** A line for each document that is no resource. */
  readonly errors: readonly string[];
}

/** Nesting beyond this is nobody's manifest, and the YAML library can abort the process far beyond it. */
const DEEPEST = 200;
/** Documents that grow beyond this by their aliases are an attack or a mistake. */
const MOST_ALIASES = 100;

/** Every document of the files and folders named, in order; `-` is standard input. Throws only when a file cannot be read or there is none. */
export async function readManifests(paths: readonly string[]): Promise<ManifestsRead> {
  const errors: string[] = [];
  const manifests: Manifest[] = [];
  for (const file of await expand(paths)) {
    const read = parseManifests(file === '-' ? 'stdin' : file, await contentOf(file));
    manifests.push(...read.manifests);
    errors.push(...read.errors);
  }
  if (manifests.length === 0 && errors.length === 0) {
    throw new CliError(
      exitCodes.usage,
      `${paths.join(', ')}: no resources in there; expected YAML or JSON documents with apiVersion and kind`,
    );
  }
  return { manifests, errors };
}

async function expand(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (path !== '-' && (await stat(path).catch(cannotRead(path))).isDirectory()) {
      const names = (await readdir(path).catch(cannotRead(path)))
        .filter((name) => /\.(ya?ml|json)$/i.test(name) && !isTestFile(name))
        .sort();
      if (names.length === 0)
        throw new CliError(exitCodes.usage, `${path}: no .yaml, .yml or .json file in this folder (folders below it are not read)`);
      files.push(...names.map((name) => join(path, name)));
    } else files.push(path);
  }
  return files;
}

async function contentOf(file: string): Promise<Uint8Array> {
  if (file !== '-') return readFile(file).catch(cannotRead(file));
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** For `catch`: a file error as one line for people. */
export function cannotRead(file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const why = error.code === 'ENOENT' ? 'no such file or folder' : error.code === 'EACCES' ? 'this user may not read it' : error.message;
    throw new CliError(exitCodes.usage, `${file}: ${why}`, { cause: error });
  };
}

/**
 * The resources of one file's content, and what is wrong with it: the first error of each document, those that follow come from it. Documents that are no
 * resources are errors unless the file is one among `found` ones, which may be anything.
 */
export function parseManifests(file: string, content: Uint8Array, found = false): ManifestsRead {
  const text = decode(content);
  if (text === undefined) return { manifests: [], errors: [`${file}: not text in UTF-8`] };
  const depth = deepestNesting(text);
  if (depth > DEEPEST) return { manifests: [], errors: [`${file}: nested ${depth} levels deep, at most ${DEEPEST} are read`] };
  const errors: string[] = [];
  const manifests: Manifest[] = [];
  const lineCounter = new LineCounter();
  const lineOf = (offset: number): string => `${file}:${lineCounter.linePos(offset).line}`;
  // YAML 1.2 with `<<`, which Kubernetes' own parser knows too.
  for (const document of parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true })) {
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) errors.push(`${lineOf(problem.pos[0])}: not valid YAML: ${problem.message}`);
    else if (document.contents !== null && !(isScalar(document.contents) && document.contents.value === null)) {
      resourcesOf(document, lineOf, manifests, found ? [] : errors);
    }
  }
  return { manifests, errors };
}

function resourcesOf(document: Document.Parsed, lineOf: (offset: number) => string, manifests: Manifest[], errors: string[]): void {
  const at = (path: readonly PathKey[]): string => lineOf(offsetOf(document, path));
  const take = (object: unknown, prefix: readonly (string | number)[]): void => {
    if (isObject(object))
      manifests.push({ object: object as unknown as KubeObject, at: (field = '') => at([...prefix, ...pathOf(field)]) });
    else errors.push(`${at(prefix)}: expected a resource (a mapping with apiVersion and kind), got ${wordFor(object)}`);
  };
  const value = toJavaScript(document);
  if (value instanceof Error) errors.push(`${at([])}: not valid YAML: ${value.message}`);
  else if (isObject(value) && value['kind'] === 'List' && Array.isArray(value['items'])) {
    for (const [index, item] of value['items'].entries()) take(item, ['items', index]);
  } else take(value, []);
}

function toJavaScript(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Where the field stands, or else the nearest above it that the document has. */
function offsetOf(document: Document.Parsed, path: readonly PathKey[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    const name = typeof key === 'object' ? key.named : key;
    const pair = isMap(node) ? node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name) : undefined;
    const next: unknown = pair === undefined ? elementOf(node, key) : pair.value;
    if (next === undefined) break;
    node = next;
    const shown = pair === undefined ? next : pair.key;
    if (isNode(shown) && shown.range) offset = shown.range[0];
  }
  return offset;
}

/** Of several elements with one name the last: it is the one that counts, where a name may be repeated. */
function elementOf(node: unknown, key: PathKey): unknown {
  if (!isSeq(node)) return undefined;
  if (typeof key === 'number') return node.items[key];
  return typeof key === 'object' ? node.items.findLast((item) => isMap(item) && item.get('name') === key.named) : undefined;
}

/** `named`: the element of a list that has this `name`, or the member of a mapping. */
type PathKey = string | number | { readonly named: string };

/** `spec.params[x].value[0]` as keys. A key in brackets that is no number is a name. */
function pathOf(field: string): PathKey[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[]+)/g)].map(([, index, name = '']) => {
    if (index === undefined) return name;
    return /^\d+$/.test(index) ? Number(index) : { named: index };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordFor(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** An upper bound on the nesting of a YAML text: flow brackets, and block indentation. */
function deepestNesting(text: string): number {
  let flow = 0;
  let deepest = 0;
  let indent = 0;
  let atStart = true;
  for (const char of text) {
    if (char === '\n') {
      indent = 0;
      atStart = true;
      continue;
    }
    if (atStart && (char === ' ' || char === '-')) {
      indent++;
      continue;
    }
    atStart = false;
    if (char === '[' || char === '{') flow++;
    else if (char === ']' || char === '}') flow = Math.max(0, flow - 1);
    deepest = Math.max(deepest, flow, Math.ceil(indent / 2));
  }
  return deepest;
}
