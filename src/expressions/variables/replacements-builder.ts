import type { ParamValue } from './param-value.ts';
import type { Replacements } from './replacements.ts';

/** Replacements still being collected. Give it on as `Replacements`; a later registration of a spelling wins over an earlier one. */
export interface ReplacementsBuilder extends Replacements {
  readonly strings: Map<string, string>;
  readonly arrays: Map<string, readonly string[]>;
  readonly objects: Map<string, Readonly<Record<string, string>>>;
}

/** Starts from copies of `base`, which stays as it is. */
export function replacementsBuilder(base?: Replacements): ReplacementsBuilder {
  return { strings: new Map(base?.strings), arrays: new Map(base?.arrays), objects: new Map(base?.objects) };
}

/** A variable with one spelling: `context.taskRun.name`, `workspaces.w.bound`. */
export function registerString(builder: ReplacementsBuilder, key: string, value: string): void {
  builder.strings.set(key, value);
}

/**
 * A param under `params.N`, `params["N"]`, `params['N']`; an array's elements also under `<spelling>[i]`, an object's keys only under
 * `params.N.KEY`. With `prefix` the same for `inputs.params`. Keys registered before and not among these stay: an object's
 * default keys survive a value that lacks them, as upstream merges them.
 */
export function registerParam(builder: ReplacementsBuilder, name: string, value: ParamValue, prefix = 'params'): void {
  registerSpellings(builder, [`${prefix}.${name}`, `${prefix}["${name}"]`, `${prefix}['${name}']`], value);
  if (typeof value === 'string' || isList(value)) return;
  for (const [key, text] of Object.entries(value)) builder.strings.set(`${prefix}.${name}.${key}`, text);
}

/**
 * A result of a pipeline task under `tasks.T.results.R` and the bracket spellings; elements under `<spelling>[i]`, an object's keys under
 * `tasks.T.results.R.KEY` and `tasks.T.results["R"][KEY]`. `scope` is `tasks`, or `finally` for pipeline results.
 */
export function registerResult(
  builder: ReplacementsBuilder,
  task: string,
  result: string,
  value: ParamValue,
  scope: 'tasks' | 'finally' = 'tasks',
): void {
  const base = `${scope}.${task}.results`;
  const brackets = [`${base}["${result}"]`, `${base}['${result}']`];
  registerSpellings(builder, [`${base}.${result}`, ...brackets], value);
  if (typeof value === 'string' || isList(value)) return;
  for (const [key, text] of Object.entries(value)) {
    builder.strings.set(`${base}.${result}.${key}`, text);
    for (const spelling of brackets) builder.strings.set(`${spelling}[${key}]`, text);
  }
}

function registerSpellings(builder: ReplacementsBuilder, spellings: readonly string[], value: ParamValue): void {
  for (const spelling of spellings) {
    if (typeof value === 'string') {
      builder.strings.set(spelling, value);
    } else if (isList(value)) {
      builder.arrays.set(spelling, value);
      value.forEach((element, index) => {
        builder.strings.set(`${spelling}[${index}]`, element);
      });
    } else {
      builder.objects.set(spelling, value);
    }
  }
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
