import { describe, expect, it } from 'vitest';
import { compileBindingValue } from '../../src/expressions/jsonpath/binding-value.ts';
import { eventRoot, joinHeaders } from '../../src/expressions/jsonpath/event-context.ts';
import { type BindingVector, readVectors, vectorsPath } from './trigger-vectors.ts';

function evaluate(vector: BindingVector): { readonly result: string } | { readonly error: string } {
  const root = eventRoot({
    body: vector.bodyJSON === undefined ? null : JSON.parse(vector.bodyJSON),
    header: joinHeaders(vector.header ?? {}),
    extensions: vector.extensions,
    eventId: 'EVT',
  });
  const bound = compileBindingValue(vector.value).evaluate(root, vector.templateDefault);
  if (bound.ok) return { result: bound.value.text };
  return { error: `failed to replace JSONPath value for param p: ${vector.value}: ${bound.error}` };
}

const vectors = readVectors();

describe.skipIf(vectors === undefined)(`bindings as upstream evaluates them${vectors === undefined ? `: no ${vectorsPath}` : ''}`, () => {
  it('has cases', () => {
    expect(vectors?.bindings.cases.length).toBeGreaterThan(0);
  });

  it.each((vectors?.bindings.cases ?? []).map((vector) => [vector.value, vector.bodyJSON ?? '', vector] as const))(
    '%s of %s',
    (_, __, vector) => {
      expect(evaluate(vector)).toEqual(vector.error === undefined ? { result: vector.result } : { error: vector.error });
    },
  );
});
