import { stat } from 'node:fs/promises';
import { type InputFinding, lintManifests } from '../main/lint-manifests.ts';
import { identityOf, shapeProblem } from './apply.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { findManifestFiles } from './find-manifest-files.ts';
import { cannotRead, type Manifest, parseManifests, readManifests } from './read-manifests.ts';
import { type LintFormat, type LintLine, renderLint } from './render-lint.ts';
import type { Terminal } from './terminal.ts';

export interface LintOptions {
  /** Files and folders; folders with all below them. */
  readonly files?: readonly string[] | undefined;
  readonly output?: string | undefined;
  /** Warnings fail as well. */
  readonly strict?: boolean | undefined;
}

export interface LintContext {
  readonly terminal: Terminal;
  print(text: string): void;
}

/** Checks resources without a server; tells everything at once. */
export async function lint({ terminal, print }: LintContext, options: LintOptions): Promise<ExitCode> {
  const format = formatOf(options.output);
  const files = options.files ?? ['.'];
  const { manifests: all, errors } = await read(files);
  const shapeErrors = all.flatMap(shapeLines);
  const manifests = all.filter(({ object }) => shapeProblem(object) === undefined);
  if (all.length === 0 && errors.length === 0) {
    throw new CliError(
      exitCodes.usage,
      `${files.join(', ')}: nothing to check in there; expected YAML with resources of tekton.dev or triggers.tekton.dev`,
    );
  }
  const findings = await lintManifests(manifests.map((manifest) => ({ object: manifest.object, path: fileOf(manifest) })));
  const lines = [...errors.map(errorLine), ...inFileOrder([...shapeErrors, ...findings.map((finding) => findingLine(finding, manifests))])];
  print(renderLint(lines, { format, terminal, checked: all.length }));
  const failing = lines.some(({ severity }) => severity === 'error' || options.strict === true);
  return failing ? exitCodes.failed : exitCodes.ok;
}

function formatOf(output = 'text'): LintFormat {
  if (output === 'text' || output === 'json' || output === 'github') return output;
  throw new CliError(exitCodes.usage, `-o, --output: got ${JSON.stringify(output)}, expected text, json or github`);
}

interface Read {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly string[];
}

/** What is named is read whole; of what is merely found in a folder, other tools' files are left alone. */
async function read(paths: readonly string[]): Promise<Read> {
  const manifests: Manifest[] = [];
  const errors: string[] = [];
  for (const path of paths) {
    if (path === '-' || !(await stat(path).catch(cannotRead(path))).isDirectory()) {
      const named = await readManifests([path]);
      manifests.push(...named.manifests);
      errors.push(...named.errors);
      continue;
    }
    for (const file of await findManifestFiles(path)) {
      const found = parseManifests(file.path, file.content, true);
      manifests.push(...found.manifests.filter(({ object }) => isOurs(object)));
      if (file.ours) errors.push(...found.errors);
    }
  }
  return { manifests, errors };
}

/** Of one of our groups; of others' kinds only those that ours name. */
function isOurs({ apiVersion, kind }: Manifest['object']): boolean {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return false;
  return /^(?:(?:triggers\.)?tekton|tappet)\.dev\//.test(apiVersion) || (apiVersion === 'v1' && kind === 'Secret');
}

function fileOf(manifest: Manifest): string {
  return placeOf(manifest.at()).file;
}

/** `pipeline.yaml:12` and, for errors of reading, what follows. */
function placeOf(text: string): { readonly file: string; readonly line?: number | undefined; readonly rest: string } {
  const match = /^(.+?)(?::(\d+))?(?:: (.*))?$/s.exec(text);
  const [, file = '', line, rest = ''] = match ?? [];
  return { file, line: line === undefined ? undefined : Number(line), rest };
}

function errorLine(text: string): LintLine {
  const { file, line, rest } = placeOf(text);
  return { file, line, severity: 'error', code: 'not-readable', path: '', message: rest };
}

/** Files in the order they were read, in each from top to bottom. */
function inFileOrder(lines: readonly LintLine[]): readonly LintLine[] {
  const files = [...new Set(lines.map(({ file }) => file))];
  return lines.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0));
}

/** What is no resource we could check. */
function shapeLines({ object, at }: Manifest): readonly LintLine[] {
  const problem = shapeProblem(object);
  if (problem === undefined) return [];
  const { file, line } = placeOf(at(problem.field));
  return [{ file, line, severity: 'error', code: 'admission', ...identityOf(object), path: problem.field, message: problem.message }];
}

function findingLine({ input, ...finding }: InputFinding, manifests: readonly Manifest[]): LintLine {
  const manifest = manifests[input];
  if (manifest === undefined) throw new Error(`a finding is about input ${input}, of ${manifests.length}`);
  const { file, line } = placeOf(manifest.at(finding.path));
  return { ...finding, file, line, ...identityOf(manifest.object) };
}
