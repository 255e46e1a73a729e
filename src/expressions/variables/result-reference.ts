import { findVariables } from './find-variables.ts';
import type { ParamValue } from './param-value.ts';

/** `tasks.T.results.R`, with an index, `[*]` or an object's key. `finally.` only makes sense in pipeline results. */
export interface ResultReference {
  readonly scope: 'tasks' | 'finally';
  readonly task: string;
  readonly result: string;
  /** `[n]`. */
  readonly index?: number | undefined;
  /** `[*]`. */
  readonly whole: boolean;
  readonly key?: string | undefined;
}

/** At least four dotted parts, `tasks` or `finally` first and `results` third: what upstream takes for an attempt at a result reference. */
export function looksLikeResultReference(expression: string): boolean {
  const parts = expression.split('.');
  return parts.length >= 4 && (parts[0] === 'tasks' || parts[0] === 'finally') && parts[2] === 'results';
}

/** An expression without `$(` and `)`. Exactly four or five dotted parts, so names with dots are never found. Source: v1/resultref.go. */
export function parseResultReference(expression: string): ResultReference | undefined {
  if (!looksLikeResultReference(expression)) return undefined;
  const [scope, task = '', , name = '', key, ...more] = expression.split('.');
  if (more.length > 0) return undefined;
  const base = { scope: scope === 'finally' ? 'finally' : 'tasks', task } as const;
  if (key !== undefined) return { ...base, result: name, whole: false, key };
  const indexed = /^(.*)\[(?:([0-9]+)|\*)\]$/.exec(name);
  if (indexed === null) return { ...base, result: name, whole: false };
  const [, result = '', index] = indexed;
  return index === undefined ? { ...base, result, whole: true } : { ...base, result, whole: false, index: Number(index) };
}

/** Every result reference in a text, in order of appearance, repeats included. */
export function findResultReferences(text: string): readonly ResultReference[] {
  return findVariables(text).flatMap(({ expression }) => parseResultReference(expression) ?? []);
}

/** The texts a value is made of, for whoever looks for references in it. An object's keys are not among them: they are never replaced. */
export function textsOf(value: ParamValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return Object.values(value);
}
