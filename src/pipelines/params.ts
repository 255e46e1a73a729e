import { findVariables } from '../expressions/variables/find-variables.ts';
import { goQuote } from '../expressions/variables/go-quote.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { type ReplacementsBuilder, registerParam, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { typeOfSpec } from '../resources/param-specs.ts';
import type { Param, ParamSpec } from '../resources/params.ts';

export type ParamsOutcome = { readonly ok: true; readonly replacements: Replacements } | { readonly ok: false; readonly message: string };

const deepestReference = 10;

/** What a run's own params stand for, without the pipeline's defaults: workspace bindings and resolver params get these. */
export function providedParams(params: readonly Param[] | undefined): Replacements {
  const builder = replacementsBuilder();
  for (const { name, value } of params ?? []) registerParam(builder, name, value);
  return builder;
}

/**
 * What `$(params...)` stands for in a pipeline: the run's values as they are, and the defaults of what it does not give. String defaults
 * may refer to each other in any order, array and object defaults to strings. Follows tektoncd/pipeline
 * pkg/reconciler/pipelinerun/resources/apply.go, `ApplyParameters`; where Go's map order picks the message, ours is the first declared.
 */
export function pipelineParams(declared: readonly ParamSpec[] | undefined, given: readonly Param[] | undefined): ParamsOutcome {
  const builder = replacementsBuilder(providedParams(given));
  const provided = new Set((given ?? []).map((param) => param.name));
  const open = (declared ?? []).flatMap((spec) =>
    spec.default === undefined || provided.has(spec.name) ? [] : [{ name: spec.name, type: typeOfSpec(spec), value: spec.default }],
  );

  const strings = new Map(
    open.flatMap(({ name, type, value }) => (type === 'string' ? [[`params.${name}`, { name, text: textOf(value) }]] : [])),
  );
  for (const key of strings.keys()) {
    const message = resolveString(key, strings, builder, new Set());
    if (message !== undefined) return { ok: false, message };
  }
  for (const type of ['array', 'object'] as const) {
    for (const param of open) {
      if (param.type === type) registerParam(builder, param.name, replaceEach(param.value, builder));
    }
  }
  return { ok: true, replacements: builder };
}

/** Registers a string default after what it refers to. The error, if there is one. */
function resolveString(
  key: string,
  open: ReadonlyMap<string, { readonly name: string; readonly text: string }>,
  builder: ReplacementsBuilder,
  above: ReadonlySet<string>,
): string | undefined {
  const param = open.get(key);
  if (param === undefined || builder.strings.has(key)) return undefined;
  if (above.has(key)) return `parameter resolution failed: circular dependency detected in param ${goQuote(key)}`;
  if (above.size > deepestReference) {
    return `parameter resolution failed: maximum recursion depth (${deepestReference}) exceeded for param ${goQuote(key)}`;
  }
  const references = findVariables(param.text).filter(({ expression }) => expression.startsWith('params.'));
  for (const { expression } of references) {
    if (builder.strings.has(expression)) continue;
    if (!open.has(expression)) {
      return `parameter resolution failed: param ${goQuote(key)} references undefined param ${goQuote(expression)}`;
    }
    const message = resolveString(expression, open, builder, new Set([...above, key]));
    if (message !== undefined) return message;
  }
  registerParam(builder, param.name, references.length === 0 ? param.text : replaceString(param.text, builder));
  return undefined;
}

/** Strings within, and no array that takes its element's place: upstream replaces defaults so. */
function replaceEach(value: ParamValue, replacements: Replacements): ParamValue {
  if (typeof value === 'string') return value;
  if (isList(value)) return value.map((text) => replaceString(text, replacements));
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, replaceString(text, replacements)]));
}

function textOf(value: ParamValue): string {
  return typeof value === 'string' ? value : '';
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
