import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileBindingValue } from './binding-value.ts';
import { eventRoot, joinHeaders } from './event-context.ts';

function bind(value: string, body: unknown, extra: { header?: Record<string, string[]>; extensions?: Record<string, unknown> } = {}) {
  return compileBindingValue(value).evaluate(
    eventRoot({ body, header: joinHeaders(extra.header ?? {}), extensions: extra.extensions, eventId: 'EVT' }),
  );
}

function text(value: string, body: unknown): string {
  const result = bind(value, body);
  return result.ok ? result.value.text : `error: ${result.error}`;
}

function plain(value: string, body: unknown): string {
  const result = bind(value, body);
  return result.ok ? result.value.plain : `error: ${result.error}`;
}

describe('text, as upstream', () => {
  it.each<[string, unknown, string]>([
    ['$()', {}, ''],
    ['no expression', {}, 'no expression'],
    ['$(body.a) literal $(params.x)', { a: 'x' }, 'error: params is not found'],
    ['$(body.a[*].n)', { a: [{ n: 1 }, { n: 'two' }, { n: null }] }, '[1,"two",null]'],
    ['$(body.a[*].n)', { a: [{ n: 1 }, { m: 2 }] }, '1'],
    ['$(body.a[*])', { a: ['x'] }, 'x'],
    ['$(body.a[5])', { a: [1, 2] }, 'error: array index out of bounds: index 5, length 2'],
    ['$(body.a[-5])', { a: [1, 2] }, 'error: array index out of bounds: index -3, length 2'],
    ['$(body.a[2:1])', { a: [1, 2, 3] }, 'error: starting index 2 is greater than ending index 1'],
    ['$(body.a[1:1])', { a: [1, 2, 3] }, '[]'],
    ['$(body.a[::2])', { a: [1, 2, 3] }, '[1,3]'],
    ['$(body.a[0,2])', { a: [1, 2, 3] }, '[1,3]'],
    ['$(body["a"])', { a: 1 }, 'error: invalid array index "a"'],
    ['$(body.a[?(@.n>1.5)].n)', { a: [{ n: 1 }, { n: 2 }, { n: 3 }] }, '[2,3]'],
    ['$(body.a[?(@.n<=2.0)].n)', { a: [{ n: 1 }, { n: 2 }, { n: 3 }] }, '[1,2]'],
    ['$(body.a[?(@.n!="x")].n)', { a: [{ n: 'x' }, { n: 'y' }] }, 'y'],
    ['$(body.a[?(@.n>="é")].n)', { a: [{ n: 'z' }, { n: 'é' }, { n: '😀' }] }, '["é","😀"]'],
    ['$(body.a[?(@.n)])', { a: [{ n: 0 }, {}, { n: null }] }, '[{"n":0},{"n":null}]'],
    ['$(body.a[?(@.n==1.0)])', { a: [{ n: [] }] }, 'error: invalid type for comparison'],
    ['$(body.a[?(@.n<true)])', { a: [{ n: true }] }, 'error: invalid type for comparison'],
    ['$(body.a[?(@.n=~"x")])', { a: [{ n: 'x' }] }, "error: unrecognized character in action: U+007E '~'"],
    ['$(body.s[0].b)', { s: null }, '[]'],
    ['$(body.s.t)', { s: null }, 'error: t is not found'],
    ['$(body.n)', { n: -0 }, '-0'],
    ['$(body.n)', JSON.parse('{"n":1234567890123456789}'), '1234567890123456800'],
    ['$(body.s)', { s: '\u2028\ud800<' }, '\\u2028\ufffd\\u003c'],
    ['$(range body.a)', {}, 'error: range is not found'],
    ['$(body.a.end)', { a: 1 }, 'error: end is not found'],
    ['$(body.s.*)', { s: 'é' }, '[195,169]'],
    ['$(body..n)', { a: { n: 1 }, b: [{ n: 2 }] }, '[1,2]'],
    ['$(body....n)', {}, 'error: invalid multiple recursive descent'],
    ['$(context)', {}, '{"eventID":"EVT"}'],
    ['$(extensions.a)', {}, 'error: a is not found'],
    ['$(extensions[0])', {}, 'error: map[string]interface {} is not array or slice'],
    ["$(body.a[?(@.x=='\\u0041\\t')].x)", { a: [{ x: 'A\t' }] }, 'A\\t'],
    ['$(body.a[99999999999999999999])', { a: [] }, 'error: array index 99999999999999999999 is not a number'],
    ['$(body.constructor)', {}, 'error: constructor is not found'],
    ['$(body.__proto__)', JSON.parse('{"__proto__":{"polluted":1}}'), '{"polluted":1}'],
    ['$(body.__proto__.polluted)', {}, 'error: __proto__ is not found'],
    ['$(body.a.length)', { a: 'text' }, 'error: length is not found'],
    ['$(__proto__)', {}, 'error: __proto__ is not found'],
    ['$(body.a\\', { a: 1 }, '$(body.a\\'],
    ['$(body.a\\)', { a: 1 }, 'error: unclosed action'],
    ['$& $(body.a) $1', { a: '$& $1 $$' }, '$& $\\u0026 $1 $$ $1'],
  ])('%s of %j', (value, body, expected) => {
    expect(text(value, body)).toBe(expected);
  });

  it('joins header values and finds the header by any case', () => {
    const header = { 'X-Github-Event': ['push'], Accept: ['a', 'b'] };
    const result = bind('$(header.x-github-event) $(header.accept)', {}, { header });
    expect(result).toEqual({ ok: true, value: { text: 'push a,b', plain: 'push a,b' } });
  });

  it('names the expression that failed', () => {
    expect(bind('a $(body.a) $(body.b)', { a: 1 })).toEqual({ ok: false, expression: '$(body.b)', error: 'b is not found' });
  });
});

describe('plain, for the strings of created objects', () => {
  it.each<[string, unknown, string]>([
    ['$(body.s)', { s: 'q"uote\nnl\\bs <b>' }, 'q"uote\nnl\\bs <b>'],
    ['$(body.o)', { o: { s: 'q"uote' } }, '{"s":"q\\"uote"}'],
    ['literal\nnewline "quoted" C:\\work', {}, 'literal\nnewline "quoted" C:\\work'],
    ['escaped\\nnewline \\u0041', {}, 'escaped\nnewline A'],
    ['title: $(body.s)', { s: '\\n' }, 'title: \\n'],
    ['$(body.a)-$(body.b)', { a: '$(body.b)', b: 'B' }, '$(body.b)-B'],
  ])('%s of %j', (value, body, expected) => {
    expect(plain(value, body)).toBe(expected);
  });

  it('is what upstream would decode to, whatever text the payload holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.json(), (s, json) => {
        fc.pre(!s.includes('$('));
        const result = bind('<$(body.s)>', { s, json: JSON.parse(json) });
        if (!result.ok) throw new Error(result.error);
        expect(JSON.parse(`"${result.value.text}"`)).toBe(result.value.plain);
      }),
    );
  });
});

describe('defaults', () => {
  it.each([
    ['pre-$(body.s)-post', {}, 'pre-def-post'],
    ['$(body.s)-$(body.t)', { t: 'T' }, 'def-T'],
    ['$(body.[a)', {}, 'def'],
    ['$(body.s)', { s: null }, 'null'],
  ])('%s of %j', (value, body, expected) => {
    const result = compileBindingValue(value).evaluate(eventRoot({ body, header: {}, eventId: 'EVT' }), 'def');
    expect(result.ok && result.value.text).toBe(expected);
  });
});

describe('hostile payloads', () => {
  it('bounds values that pull in each other again and again', () => {
    const letters = 'abcdefghij';
    const body = Object.fromEntries([...letters].map((letter, index) => [letter, `$(body.${letters[index + 1] ?? 'z'})`.repeat(40)]));
    const value = [...letters, 'z'].map((letter) => `$(body.${letter})`).join('');
    expect(text(value, { ...body, z: 'x' })).toMatch(/^error: the value would be longer than/);
  });

  it('bounds recursive descent', () => {
    const nested = JSON.parse(`${'{"a":'.repeat(400)}1${'}'.repeat(400)}`);
    expect(text('$(body..a..a..a..a)', nested)).toBe('error: more than 100000 values');
    let deep: unknown = 1;
    for (let depth = 0; depth < 20_000; depth++) deep = { a: deep };
    expect(text('$(body..b)', deep)).toBe('error: nested deeper than 1000');
  });

  it('scans a long value once', () => {
    const value = '$((((('.repeat(100_000);
    expect(text(value, {})).toBe(value);
  }, 10_000);

  it('never throws, whatever the expression', () => {
    const part = fc.constantFrom(
      'body',
      '.',
      'a',
      '[',
      ']',
      '?',
      '(',
      ')',
      '@',
      '$',
      "'",
      '"',
      '==',
      '<',
      '1',
      ':',
      '-',
      '*',
      ',',
      '\\',
      ' ',
      '\n',
      '{',
      '}',
      '..',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        expect(typeof text(`$(${parts.join('')})`, { a: [{ a: 1 }, 'a'] })).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });
});
