import { describe, expect, it } from 'vitest';
import { compileBindingValue } from '../../src/expressions/jsonpath/binding-value.ts';
import { eventRoot } from '../../src/expressions/jsonpath/event-context.ts';
import { compileTemplate } from '../../src/triggers/template.ts';
import { readVectors, type TemplateVector, vectorsPath } from './trigger-vectors.ts';

/**
 * Where upstream gives no object we render what the author meant (reference/triggers.md, appendix C, "smart" quoting). By binding and body.
 */
const deviations: Readonly<Record<string, unknown>> = {
  // The old-escape annotation escapes what is escaped already; we do not need it.
  '$(body.s) of {"s":"q\\"uote"}': 'q"uote',
  'static\nnewline of {}': 'static\nnewline',
  '$(body.a[*]) of {"a":["x","y"]}': '["x","y"]',
};

/** A placeholder outside of any string is possible in raw JSON only: YAML cannot say it, and what is admitted comes parsed. */
function isParsed(vector: TemplateVector): boolean {
  return !vector.template.includes(':$(tt.params');
}

function render(vector: TemplateVector): unknown {
  const root = eventRoot({ body: JSON.parse(vector.bodyJSON), header: {}, eventId: 'EVT' });
  const bound = compileBindingValue(vector.binding).evaluate(root);
  if (!bound.ok) throw new Error(bound.error);
  const compiled = compileTemplate({ params: [{ name: 'p' }], resourcetemplates: [JSON.parse(vector.template)] });
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.template.resources[0]?.({ params: new Map([['p', bound.value]]), uid: () => vector.uid });
}

const vectors = readVectors();
const cases = vectors?.templates.cases ?? [];

describe.skipIf(vectors === undefined)(`templates as upstream renders them${vectors === undefined ? `: no ${vectorsPath}` : ''}`, () => {
  it('has cases', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases.filter(isParsed).map((vector) => [`${vector.binding} of ${vector.bodyJSON}`, vector] as const))('%s', (name, vector) => {
    const expected = vector.object ?? { apiVersion: 'v1', kind: 'K', a: deviations[name] };
    expect(render(vector)).toEqual(expected);
  });

  it.skip.each(cases.filter((vector) => !isParsed(vector)).map(({ template }) => [template]))('raw JSON, no object: %s', () => undefined);
});
