import { findVariables } from '../expressions/variables/find-variables.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceParamValue } from '../expressions/variables/replace-param-value.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { textsOf } from '../expressions/variables/result-reference.ts';
import type { PipelineResult } from '../resources/pipeline/schema.ts';
import type { PipelineRunResult } from '../resources/pipeline-run/schema.ts';
import { resultOf, type StateOf } from './results.ts';

export interface PipelineResults {
  readonly results: readonly PipelineRunResult[];
  /** Names of results that a successful task should have given and did not: they fail the run. */
  readonly invalid: readonly string[];
}

/**
 * The results of a run that has ended. One whose task failed or was skipped is left out in silence; one that its task owed makes the run fail.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/apply.go, `ApplyTaskResultsToPipelineResults`.
 */
export function pipelineResults(declared: readonly PipelineResult[] | undefined, stateOf: StateOf): PipelineResults {
  const results: PipelineRunResult[] = [];
  const invalid: string[] = [];
  const builder = replacementsBuilder();
  for (const { name, value } of declared ?? []) {
    const expressions = textsOf(value)
      .flatMap(findVariables)
      .map(({ expression }) => expression);
    if (expressions.length === 0) continue;
    let complete = true;
    for (const expression of expressions) {
      const found = lookUp(expression, stateOf);
      if (found.type === 'value') register(expression, found.value, builder);
      else complete = false;
      if (found.type === 'invalid') invalid.push(name);
    }
    if (complete) results.push({ name, value: replaceParamValue(value, builder) });
  }
  return { results, invalid };
}

type Found = { readonly type: 'value'; readonly value: ParamValue } | { readonly type: 'absent' } | { readonly type: 'invalid' };

function lookUp(expression: string, stateOf: StateOf): Found {
  const [scope, task = '', results, last = '', key, ...more] = expression.split('.');
  if ((scope !== 'tasks' && scope !== 'finally') || results !== 'results' || more.length > 0 || last === '') return { type: 'invalid' };
  const indexed = /\[(?:([0-9]+)|\*)\]$/.exec(last);
  const name = indexed === null ? last : last.slice(0, indexed.index);
  const state = stateOf(task);
  const value = state && resultOf(state, name);
  if (value === undefined) return state !== undefined && state.outcome !== 'succeeded' ? { type: 'absent' } : { type: 'invalid' };
  if (key !== undefined) {
    const text =
      typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, key)
        ? Object.entries(value).find(([own]) => own === key)?.[1]
        : undefined;
    return text === undefined ? { type: 'invalid' } : { type: 'value', value: text };
  }
  if (isList(value) && indexed?.[0] !== '[*]') {
    const element = value[Number(indexed?.[1] ?? 0)];
    return element === undefined ? { type: 'invalid' } : { type: 'value', value: element };
  }
  return { type: 'value', value };
}

function register(expression: string, value: ParamValue, builder: ReturnType<typeof replacementsBuilder>): void {
  const key = expression.endsWith('[*]') ? expression.slice(0, -3) : expression;
  if (typeof value === 'string') builder.strings.set(expression, value);
  else if (isList(value)) builder.arrays.set(key, value);
  else builder.objects.set(key, value);
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
