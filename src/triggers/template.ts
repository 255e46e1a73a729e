import type { BoundText } from '../expressions/jsonpath/binding-value.ts';
import type { TriggerTemplateParam, TriggerTemplateSpec } from '../resources/trigger-template/schema.ts';

/** A template made ready once: what has no placeholder in it is shared by all that is rendered, so rendered objects are read-only. */
export interface CompiledTemplate {
  readonly params: readonly TriggerTemplateParam[];
  readonly resources: readonly Renderer[];
  /** Params that stand somewhere in the resources. */
  readonly uses: ReadonlySet<string>;
}

/** The values of one run of a trigger. */
export interface TemplateValues {
  readonly params: ReadonlyMap<string, BoundText>;
  /** For `$(uid)`; always the same for one run. */
  readonly uid: () => string;
}

/** Gives the value with every placeholder replaced. */
export type Renderer = (values: TemplateValues) => unknown;

/** Templates are the user's own, but admission need not have seen them. */
const maxDepth = 200;

export type TemplateResult = { readonly ok: true; readonly template: CompiledTemplate } | { readonly ok: false; readonly error: string };

/**
 * `$(tt.params.NAME)` and `$(uid)` in every string and key. Upstream replaces them in the JSON text; here they are replaced in the strings of
 * the parsed object, in one pass, so that no value can change the structure. The objects are those upstream creates, but for what it cannot
 * parse (quotes and newlines of literal bindings, objects in a string: they stay as they are) and for params inside values of params, which
 * upstream replaces in random order and we never do. reference/triggers.md 5.1 and appendix C.
 */
export function compileTemplate(spec: TriggerTemplateSpec): TemplateResult {
  const resources: Renderer[] = [];
  for (const [index, resource] of (spec.resourcetemplates ?? []).entries()) {
    if (isTooDeep(resource, 0)) return { ok: false, error: `resourcetemplates[${index}] is nested deeper than ${maxDepth}` };
    const renderer = compileValue(resource);
    resources.push(renderer ?? (() => resource));
  }
  return {
    ok: true,
    template: { params: spec.params ?? [], resources, uses: new Set((spec.resourcetemplates ?? []).flatMap(usedParams)) },
  };
}

/** Params whose placeholders stand somewhere in a resource template. */
export function usedParams(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(/\$\(tt\.params\.([^()]*)\)/g)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [...usedParams(key), ...usedParams(member)]);
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth >= maxDepth || Object.values(value).some((member) => isTooDeep(member, depth + 1));
}

/** `undefined` for a value without placeholders. */
function compileValue(value: unknown): Renderer | undefined {
  if (typeof value === 'string') return compileText(value);
  if (Array.isArray(value)) return compileList(value);
  return typeof value === 'object' && value !== null ? compileObject(value) : undefined;
}

function compileList(list: readonly unknown[]): Renderer | undefined {
  const renderers = list.map(compileValue);
  if (renderers.every((renderer) => renderer === undefined)) return undefined;
  return (values) => list.map((element, index) => renderers[index]?.(values) ?? element);
}

function compileObject(object: object): Renderer | undefined {
  const members = Object.entries(object).map(([key, value]) => ({
    key,
    value,
    renderKey: compileText(key),
    renderValue: compileValue(value),
  }));
  if (members.every(({ renderKey, renderValue }) => renderKey === undefined && renderValue === undefined)) return undefined;
  // fromEntries defines own properties, whatever the key is called.
  return (values) =>
    Object.fromEntries(
      members.map(({ key, value, renderKey, renderValue }) => [renderKey?.(values) ?? key, renderValue?.(values) ?? value]),
    );
}

type TextRenderer = (values: TemplateValues) => string;

function compileText(text: string): TextRenderer | undefined {
  if (!text.includes('$(')) return undefined;
  const parts = text.split(/(\$\(tt\.params\.[^()]*\)|\$\(uid\))/);
  if (parts.length === 1) return undefined;
  return (values) => parts.reduce((rendered, part, index) => append(rendered, index % 2 === 0 ? part : replace(part, values)), '');
}

/** A placeholder of a param that has no value stays, as upstream. */
function replace(placeholder: string, { params, uid }: TemplateValues): string {
  if (placeholder === '$(uid)') return uid();
  const value = params.get(placeholder.slice('$(tt.params.'.length, -1));
  return value === undefined ? placeholder : escapeValue(value.plain, uid);
}

/**
 * No value can bring in a variable of the pipeline: `$(` becomes `$$(`. A `$(uid)` in a value is replaced all the same, as upstream does.
 */
function escapeValue(value: string, uid: () => string): string {
  return value.includes('$(') ? value.replaceAll('$(', () => '$$(').replaceAll('$(uid)', uid) : value;
}

/** Nor can two neighbours make one of a `$` and a `(`, which upstream overlooks. */
function append(rendered: string, part: string): string {
  return rendered.endsWith('$') && part.startsWith('(') ? `${rendered}$${part}` : rendered + part;
}
