import { parseYaml } from '../expressions/yaml/parse-yaml.ts';
import { withDefaults } from './chart-values.ts';
import { installRank } from './install-order.ts';
import { parseTemplate } from './template/parse-template.ts';
import { renderTemplate } from './template/render-template.ts';
import { toValue, type Value, type ValueMap } from './template/value.ts';
import { valueErrors } from './value-errors.ts';

/** A chart's files by their paths in it: `templates/service.yaml`. */
export type ChartFiles = ReadonlyMap<string, string>;

export interface Release {
  readonly name: string;
  readonly namespace: string;
}

/** One object, as text and parsed. */
export interface ChartManifest {
  /** The file it comes from: `tappet/templates/service.yaml`. */
  readonly source: string;
  readonly text: string;
  readonly object: { readonly kind: string; readonly [field: string]: unknown };
}

export type ChartRender =
  | { readonly ok: true; readonly manifests: readonly ChartManifest[] }
  | { readonly ok: false; readonly errors: readonly string[] };

/** What `helm template` prints, in the same order, for charts without dependencies and hooks. Throws `TemplateError` where a template cannot be rendered. */
export function renderChart(files: ChartFiles, given: ValueMap, release: Release): ChartRender {
  const chart = mapping(files, 'Chart.yaml');
  const values = withDefaults(given, mapping(files, 'values.yaml'));
  const schema = files.get('values.schema.json');
  const errors = schema === undefined ? [] : valueErrors(values, JSON.parse(schema));
  if (errors.length > 0) return { ok: false, errors };

  const name = String(chart.get('name'));
  const sources = [...files].filter(([path]) => /^templates\/.*\.(yaml|tpl)$/.test(path));
  const templates = sources.map(([path, text]) => parseTemplate(`${name}/${path}`, text));
  const defines = new Map(
    templates.flatMap((template) => [...template.defines].map(([defined, body]) => [defined, { file: template.name, body }] as const)),
  );
  const data: ValueMap = new Map<string, Value>([
    ['Values', values],
    ['Chart', capitalized(chart)],
    ['Release', toValue({ Name: release.name, Namespace: release.namespace, Service: 'Helm' })],
    ['Files', new Map<string, Value>([['Get', (path) => files.get(String(path)) ?? '']])],
  ]);
  const manifests = templates
    .filter((template) => !/\/_[^/]*$/.test(template.name))
    .flatMap((template) => documentsOf(template.name, renderTemplate(template, defines, data)));
  return {
    ok: true,
    manifests: manifests.sort((a, b) => installRank(a.object.kind) - installRank(b.object.kind) || order(a.source, b.source)),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function mapping(files: ChartFiles, path: string): ValueMap {
  const text = files.get(path);
  if (text === undefined) throw new Error(`the chart has no ${path}`);
  const parsed = parseYaml(text);
  const value = parsed.ok ? toValue(parsed.value) : undefined;
  if (value instanceof Map) return value;
  throw new Error(`${path}: ${parsed.ok ? 'expected a mapping' : parsed.message}`);
}

/** Chart.yaml's fields as templates name them: `.Chart.AppVersion`. */
function capitalized(chart: ValueMap): ValueMap {
  return new Map([...chart].map(([key, value]) => [key.slice(0, 1).toUpperCase() + key.slice(1), value]));
}

/** Documents that hold nothing but comments are none. */
function documentsOf(source: string, text: string): readonly ChartManifest[] {
  return text.split(/^---\s*$/m).flatMap((document) => {
    const parsed = parseYaml(document);
    if (!parsed.ok) throw new Error(`${source}: what was rendered is not YAML: ${parsed.message}`);
    if (parsed.value === null || parsed.value === undefined) return [];
    if (!isObject(parsed.value)) throw new Error(`${source}: what was rendered is no Kubernetes object: expected a kind`);
    return [{ source, text: document.trim(), object: parsed.value }];
  });
}

function isObject(value: unknown): value is ChartManifest['object'] {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
