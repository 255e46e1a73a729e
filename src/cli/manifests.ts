import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { overlay, parseAssignments } from '../chart/chart-values.ts';
import { type ChartFiles, renderChart } from '../chart/render-chart.ts';
import { TemplateError } from '../chart/template/syntax.ts';
import { toValue, type ValueMap } from '../chart/template/value.ts';
import { parseYaml } from '../expressions/yaml/parse-yaml.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { packageRoot } from './package-root.ts';
import { cannotRead } from './read-manifests.ts';

export interface ManifestsOptions {
  /** Files, each over those before it. */
  readonly values?: readonly string[] | undefined;
  /** `a.b=c`, over the files. */
  readonly set?: readonly string[] | undefined;
  readonly name: string;
  readonly namespace: string;
  readonly includeCrds?: boolean | undefined;
}

/** As Helm's limit: names of objects are made of it. */
const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/;

/** The chart's objects as YAML, in the order to create them; the text that `helm template` gives. */
export async function manifests(options: ManifestsOptions): Promise<string> {
  const { name, namespace } = options;
  for (const [flag, given] of Object.entries({ name, namespace })) {
    if (!RELEASE_NAME.test(given))
      throw new CliError(exitCodes.usage, `--${flag} ${given}: expected lower case letters, digits and "-", at most 53 of them`);
  }
  const files = await chartFiles(join(packageRoot(), 'charts', 'tappet'));
  const values = [...(await Promise.all((options.values ?? []).map(readValues))), ...(options.set ?? []).map(assignments)];
  const given = values.reduce<ValueMap>((under, over) => overlay(over, under), new Map());
  const rendered = render(files, given, { name, namespace });
  const crds = options.includeCrds === true ? [...files].filter(([path]) => path.startsWith('crds/')) : [];
  return [
    ...crds.map(([path, text]) => `---\n# Source: tappet/${path}\n${text.trim()}\n`),
    ...rendered.map(({ source, text }) => `---\n# Source: ${source}\n${text}\n`),
  ].join('');
}

function render(...[files, given, release]: Parameters<typeof renderChart>) {
  try {
    const rendered = renderChart(files, given, release);
    if (rendered.ok) return rendered.manifests;
    throw new CliError(exitCodes.usage, rendered.errors.join('\n'));
  } catch (error) {
    // A chart says in its templates what it misses among the values.
    if (error instanceof TemplateError) throw new CliError(exitCodes.usage, error.message, { cause: error });
    throw error;
  }
}

async function chartFiles(folder: string): Promise<ChartFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const));
  return new Map(files);
}

async function readValues(file: string): Promise<ValueMap> {
  const parsed = parseYaml(await readFile(file, 'utf8').catch(cannotRead(file)));
  const value = parsed.ok ? toValue(parsed.value ?? {}) : undefined;
  if (value instanceof Map) return value;
  throw new CliError(exitCodes.usage, `${file}: ${parsed.ok ? 'expected a mapping of values' : `not valid YAML: ${parsed.message}`}`);
}

function assignments(text: string): ValueMap {
  try {
    return parseAssignments(text);
  } catch (error) {
    throw new CliError(exitCodes.usage, error instanceof Error ? error.message : String(error));
  }
}
