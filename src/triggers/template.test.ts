import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoundText, literalValue } from '../expressions/jsonpath/binding-value.ts';
import { goJsonStringContent } from '../expressions/jsonpath/go-json.ts';
import { compileTemplate } from './template.ts';

const uid = '00000000-0000-8000-a000-000000000000';

function render(resource: Record<string, unknown>, params: Readonly<Record<string, BoundText>>): unknown {
  const compiled = compileTemplate({ resourcetemplates: [resource] });
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.template.resources[0]?.({ params: new Map(Object.entries(params)), uid: () => uid });
}

describe('compileTemplate', () => {
  it('replaces in strings and keys at any depth and leaves the rest', () => {
    const resource = {
      list: ['$(tt.params.a)', 1, null, { '$(tt.params.a)-key': '$(uid)' }],
      other: '$(params.a) $(tt.params.b) $(tt.params.a[*]) $( uid )',
      flag: true,
    };
    expect(render(resource, { a: literalValue('A') })).toEqual({
      list: ['A', 1, null, { 'A-key': uid }],
      other: '$(params.a) $(tt.params.b) $(tt.params.a[*]) $( uid )',
      flag: true,
    });
  });

  it('shares what has no placeholder in it', () => {
    const constant = { deep: [{ text: 'x' }] };
    const rendered = render({ constant, v: '$(tt.params.a)' }, { a: literalValue('A') }) as { constant: unknown };
    expect(rendered.constant).toBe(constant);
  });

  it('knows no params of Object.prototype', () => {
    expect(render({ v: '$(tt.params.constructor)' }, {})).toEqual({ v: '$(tt.params.constructor)' });
  });

  it.each([
    ['$(tt.params.a)$(tt.params.b)', 'x$', '(params.secret)', 'x$$(params.secret)'],
    ['$$(tt.params.b)', '', '(params.secret)', '$$(params.secret)'],
    ['$(tt.params.a)(params.x)', '$', '', '$$(params.x)'],
    ['$(tt.params.a)', '$$(params.x)', '', '$$$(params.x)'],
    ['$(tt.params.a)', '$(tt.params.b)', 'B', '$$(tt.params.b)'],
  ])('no value brings in a variable: %s with %s and %s', (template, a, b, expected) => {
    expect(render({ v: template }, { a: { text: '', plain: a }, b: { text: '', plain: b } })).toEqual({ v: expected });
  });

  it('refuses to recurse without end', () => {
    let nested: Record<string, unknown> = {};
    for (let depth = 0; depth < 300; depth++) nested = { nested };
    expect(compileTemplate({ resourcetemplates: [nested] })).toEqual({
      ok: false,
      error: 'resourcetemplates[0] is nested deeper than 200',
    });
  });

  it('gives what upstream gives by replacing in the JSON text, wherever that is JSON', () => {
    const piece = fc.constantFrom('$(tt.params.a)', '$(tt.params.b)', '$(uid)', 'text ', '"', '\n', '\\', '$(params.x)', 'é');
    const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    // Neither `(` nor a `$` at its end: there we protect more than upstream does.
    const value = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '<', '$(params.y)', '{', '}', 'é', '😀') });
    fc.assert(
      fc.property(fc.record({ v: text, list: fc.array(text) }), value, value, (resource, a, b) => {
        const bound = (plain: string): BoundText => ({ text: goJsonStringContent(plain), plain });
        const pasted = [a, b].reduce(
          (json, plain, index) =>
            json.replaceAll(`$(tt.params.${'ab'.charAt(index)})`, () => goJsonStringContent(plain).replaceAll('$(', () => '$$(')),
          JSON.stringify(resource),
        );
        expect(render(resource, { a: bound(a), b: bound(b) })).toEqual(JSON.parse(pasted.replaceAll('$(uid)', () => uid)));
      }),
    );
  });
});
