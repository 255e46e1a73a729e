import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, LineCounter, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../resources/object.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** One document of a file, with where it stands. */
export interface Manifest {
  readonly object: KubeObject;
  /** `pipeline.yaml:12`, for messages. */
  readonly at: string;
}

/** Nesting beyond this is nobody's manifest, and the YAML library can abort the process far beyond it. */
const DEEPEST = 200;

/** Every document of the files and folders named, in order; `-` is standard input. All syntax errors are reported at once. */
export async function readManifests(paths: readonly string[]): Promise<readonly Manifest[]> {
  const errors: string[] = [];
  const manifests: Manifest[] = [];
  for (const file of await expand(paths)) {
    const text = file === '-' ? await readStandardInput() : await readFile(file, 'utf8');
    parse(file === '-' ? 'stdin' : file, text, manifests, errors);
  }
  if (errors.length > 0) throw new CliError(exitCodes.usage, errors.join('\n'));
  if (manifests.length === 0) throw new CliError(exitCodes.usage, `no resources found in ${paths.join(', ')}`);
  return manifests;
}

async function expand(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (path === '-') {
      files.push(path);
      continue;
    }
    const info = await stat(path).catch((error: Error) => {
      throw new CliError(exitCodes.usage, `cannot read ${path}: ${error.message}`, { cause: error });
    });
    if (!info.isDirectory()) files.push(path);
    else files.push(...(await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort().map((name) => join(path, name)));
  }
  return files;
}

function parse(file: string, text: string, manifests: Manifest[], errors: string[]): void {
  const depth = deepestNesting(text);
  if (depth > DEEPEST) {
    errors.push(`${file}: nested ${depth} levels deep, at most ${DEEPEST} are read`);
    return;
  }
  const lineCounter = new LineCounter();
  for (const document of parseAllDocuments(text, { lineCounter, prettyErrors: true })) {
    const start = lineCounter.linePos(document.contents?.range?.[0] ?? 0).line;
    const at = `${file}:${start}`;
    if (document.errors.length > 0) {
      errors.push(...document.errors.map((error) => `${file}: ${error.message.trimEnd()}`));
      continue;
    }
    if (document.contents === null) continue;
    if (!isMap(document.contents)) {
      errors.push(`${at}: expected a resource (a mapping with apiVersion and kind), got something else`);
      continue;
    }
    const object = document.toJS({ maxAliasCount: 100 });
    if (object.kind === 'List' && Array.isArray(object.items)) manifests.push(...object.items.map((item: KubeObject) => ({ object: item, at })));
    else manifests.push({ object, at });
  }
}

/** An upper bound on the nesting of a YAML text: flow brackets, and block indentation. */
function deepestNesting(text: string): number {
  let flow = 0;
  let deepest = 0;
  let indent = 0;
  let atStart = true;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
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

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
