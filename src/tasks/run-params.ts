import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceParamValue } from '../expressions/variables/replace-param-value.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { type ReplacementsBuilder, registerParam, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { Param, ParamSpec } from '../resources/params.ts';

/**
 * What `$(params.…)` stands for in a task: its defaults, overridden by the run's values, object params key by key. A default that refers to
 * another param is resolved once, against defaults that refer to none: neither against the run's values nor transitively (upstream's quirk).
 * The legacy spelling `inputs.params.…` is known too.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/resources/apply.go, `getTaskParameters`.
 */
export function taskParamReplacements(specs: readonly ParamSpec[], params: readonly Param[]): Replacements {
  const values = new Map<string, ParamValue>();
  const plain = replacementsBuilder();
  const declared = specs.flatMap(({ name, default: value }) => (value === undefined ? [] : [{ name, value }]));
  for (const { name, value } of declared) {
    if (refersToParam(value)) continue;
    values.set(name, value);
    registerParam(plain, name, value);
  }
  for (const { name, value } of declared) {
    if (refersToParam(value)) values.set(name, replaceParamValue(value, plain));
  }
  const given = params.map(({ name, value }): [string, ParamValue] => [name, overlaid(values.get(name), value)]);
  return registered([...values, ...given]);
}

/** A default under a value: an object keeps the default's keys that the value lacks, anything else is replaced whole. */
export function overlaid(value: ParamValue | undefined, by: ParamValue): ParamValue {
  return isObject(value) && isObject(by) ? { ...value, ...by } : by;
}

export function refersToParam(value: ParamValue): boolean {
  const texts = typeof value === 'string' ? [value] : Object.values(value);
  return texts.some((text: string) => text.includes('$(params.'));
}

/**
 * Later entries win spelling by spelling: an object's default keys still answer to `$(params.p.key)` when a value of another type was given, as
 * upstream.
 */
export function registered(values: Iterable<readonly [string, ParamValue]>): ReplacementsBuilder {
  const builder = replacementsBuilder();
  for (const [name, value] of values) {
    registerParam(builder, name, value);
    registerParam(builder, name, value, 'inputs.params');
  }
  return builder;
}

function isObject(value: ParamValue | undefined): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && !Array.isArray(value);
}
