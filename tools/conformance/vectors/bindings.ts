import { compileBindingValue } from '../../../src/expressions/jsonpath/binding-value.ts';
import { eventRoot, joinHeaders } from '../../../src/expressions/jsonpath/event-context.ts';
import type { Vector } from './vector.ts';

export interface BindingCase {
  readonly value: string;
  readonly bodyJSON?: string;
  readonly header?: Readonly<Record<string, readonly string[]>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly templateDefault?: string;
  readonly result?: string;
  readonly error?: string;
}

/** One binding param named `p`. */
export function bindings(cases: readonly BindingCase[]): readonly Vector[] {
  return cases.map((given) => ({
    name: `bindings: ${given.value} of ${given.bodyJSON ?? ''}`,
    expected: given.error === undefined ? { result: given.result } : { error: given.error },
    run: () => evaluate(given),
  }));
}

function evaluate(given: BindingCase): { readonly result: string } | { readonly error: string } {
  const root = eventRoot({
    body: given.bodyJSON === undefined ? null : JSON.parse(given.bodyJSON),
    header: joinHeaders(given.header ?? {}),
    extensions: given.extensions,
    eventId: 'EVT',
  });
  const bound = compileBindingValue(given.value).evaluate(root, given.templateDefault);
  if (bound.ok) return { result: bound.value.text };
  return { error: `failed to replace JSONPath value for param p: ${given.value}: ${bound.error}` };
}
