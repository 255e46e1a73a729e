import { decodeParamValue } from '../expressions/variables/decode-param-value.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import type { WhenExpression } from '../resources/when-expression.ts';
import type { PlannedEnv, PlannedStep } from './pod-plan.ts';

/** Contents of the result file `result` of the step named `step` (`build`, not `step-build`); `undefined` when there is none. */
export type StepResultReader = (step: string, result: string) => string | undefined;

export type SubstitutedStep =
  /** `warning`: why one place, and all behind it, was left as written. */
  | { readonly type: 'substituted'; readonly step: PlannedStep; readonly warning?: string | undefined }
  /** An index beyond the array's end: the step cannot run. */
  | { readonly type: 'refused'; readonly message: string };

/**
 * Replaces `$(steps.S.results.R)`, with `[i]`, `.KEY` or (for a whole argument or value) `[*]`, in a step that is about to start: first in env
 * values, then in `when`, then in command and arguments together. A missing file or a malformed reference leaves that place and everything
 * after it as written, and the step still runs. Scripts are not touched.
 * Follows tektoncd/pipeline pkg/entrypoint/entrypointer.go, `applyStepResultSubstitutions`.
 */
export function substituteStepResults(step: PlannedStep, read: StepResultReader): SubstitutedStep {
  const env = replaceInOrder(step.env, (entry) => replaceInEnv(entry, read));
  const withEnv = { ...step, env: env.values };
  if (env.failure) return failed(withEnv, env.failure);

  const when = replaceInOrder(step.when, (expression) => replaceInWhen(expression, read));
  const withWhen = { ...withEnv, when: when.values };
  if (when.failure) return failed(withWhen, when.failure);

  const words = replaceInOrder([step.command ?? [], step.args], (list) => replaceInList(list, read));
  const [command = [], args = []] = words.values;
  if (words.failure) return failed(withWhen, words.failure);
  return { type: 'substituted', step: { ...withWhen, ...(step.command && { command }), args } };
}

interface Failure {
  readonly message: string;
  /** Upstream's entrypoint panics. */
  readonly crashes: boolean;
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

function failed(step: PlannedStep, { message, crashes }: Failure): SubstitutedStep {
  return crashes ? { type: 'refused', message } : { type: 'substituted', step, warning: message };
}

/** The values with those before the first failure replaced. */
function replaceInOrder<T>(values: readonly T[], replace: (value: T) => Attempt<T>): { values: readonly T[]; failure?: Failure } {
  const replaced: T[] = [];
  for (const [index, value] of values.entries()) {
    const attempt = replace(value);
    if (!attempt.ok) return { values: [...replaced, ...values.slice(index)], failure: attempt.failure };
    replaced.push(attempt.value);
  }
  return { values: replaced };
}

function replaceInEnv(entry: PlannedEnv, read: StepResultReader): Attempt<PlannedEnv> {
  if (!('value' in entry)) return { ok: true, value: entry };
  const value = replaceInText(entry.value, read);
  return value.ok ? { ok: true, value: { name: entry.name, value: value.value } } : value;
}

function replaceInWhen(expression: WhenExpression, read: StepResultReader): Attempt<WhenExpression> {
  const input = replaceInText(expression.input ?? '', read);
  if (!input.ok) return input;
  const values = replaceInList(expression.values ?? [], read);
  if (!values.ok) return values;
  return {
    ok: true,
    value: {
      ...expression,
      ...(expression.input !== undefined && { input: input.value }),
      ...(expression.values && { values: [...values.value] }),
    },
  };
}

function replaceInList(elements: readonly string[], read: StepResultReader): Attempt<readonly string[]> {
  const replaced: string[] = [];
  for (const element of elements) {
    const attempt = replaceInElement(element, read);
    if (!attempt.ok) return attempt;
    replaced.push(...attempt.value);
  }
  return { ok: true, value: replaced };
}

const reference = /\$\(steps\.([^.()\s]+)\.results\.([^()\s]+)\)/g;

function replaceInElement(element: string, read: StepResultReader): Attempt<readonly string[]> {
  const whole = [...element.matchAll(reference)].find(([, , path = '']) => path.endsWith('[*]'));
  if (whole === undefined) {
    const text = replaceInText(element, read);
    return text.ok ? { ok: true, value: [text.value] } : text;
  }
  const [text, step = '', path = ''] = whole;
  if (text !== element) {
    return unreplaceable(
      `value must be in "$(steps.<step-name>.results.<result-name>[*])" format, when using array results: ${JSON.stringify(element)}`,
    );
  }
  const loaded = load(text, step, path.slice(0, -'[*]'.length), read);
  if (!loaded.ok) return loaded;
  return { ok: true, value: isList(loaded.value) ? loaded.value : [] };
}

function replaceInText(text: string, read: StepResultReader): Attempt<string> {
  let replaced = '';
  let copied = 0;
  for (const match of text.matchAll(reference)) {
    const [expression, step = '', path = ''] = match;
    const attempt = resultText(expression, step, path, read);
    if (!attempt.ok) return attempt;
    replaced += text.slice(copied, match.index) + attempt.value;
    copied = match.index + expression.length;
  }
  return { ok: true, value: replaced + text.slice(copied) };
}

/** A value of another type than the reference asks for counts as empty, as upstream's zero values do. */
function resultText(expression: string, step: string, path: string, read: StepResultReader): Attempt<string> {
  const [head = '', key, ...more] = path.split('.');
  if (more.length > 0) return unreplaceable(`${expression}: expected $(steps.<step>.results.<result>), or one key behind it`);
  const [, result = head, index] = /^(.*)\[([0-9]+|\*)\]$/.exec(head) ?? [];
  const loaded = load(expression, step, result, read);
  if (!loaded.ok) return loaded;
  const { value } = loaded;

  if (key !== undefined) return { ok: true, value: typeof value === 'object' && !isList(value) ? (own(value, key) ?? '') : '' };
  if (index === '*') return { ok: true, value: '' };
  if (index === undefined) return { ok: true, value: typeof value === 'string' ? value : '' };
  const elements = isList(value) ? value : [];
  const element = elements[Number(index)];
  if (element !== undefined) return { ok: true, value: element };
  const message = `${expression}: index ${index} is out of range, the result has ${elements.length} elements`;
  return { ok: false, failure: { message, crashes: true } };
}

function load(expression: string, step: string, result: string, read: StepResultReader): Attempt<ParamValue> {
  const contents = read(step, result);
  if (contents !== undefined) return { ok: true, value: decodeParamValue(contents) };
  return unreplaceable(`${expression}: step ${JSON.stringify(step)} has written no result ${JSON.stringify(result)}`);
}

function unreplaceable(message: string): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { message, crashes: false } };
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}

function own(value: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
