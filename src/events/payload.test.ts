import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countKeys, findDuplicateKey } from './duplicate-key.ts';
import { describeJsonError } from './json-error.ts';
import { parsePayload } from './payload.ts';
import { scanJson } from './scan-json.ts';
import { isPlainJson } from './survey-json.ts';

const read = (text: string, limits?: Parameters<typeof parsePayload>[1]) => parsePayload(Buffer.from(text), limits);
const message = (text: string) => {
  const payload = read(text);
  return payload.ok ? 'accepted' : payload.message.replace('Invalid event body format : ', '');
};

describe('parsePayload', () => {
  it.each([
    ['{}', {}],
    [' \n{"a":[1,{"b":"}"}],"c":"\\"{["}\t', { a: [1, { b: '}' }], c: '"{[' }],
    ['null', null],
    ['{"a":{"x":1},"b":{"x":1}}', { a: { x: 1 }, b: { x: 1 } }],
    ['{"constructor":1,"é\\u0000":"\u{1f600}"}', { constructor: 1, 'é\u0000': '\u{1f600}' }],
    ['{"n":1e308,"m":-0.5E-400}', { n: 1e308, m: -0 }],
    ['{"a":"__proto__","__proto_":1}', { a: '__proto__', __proto_: 1 }],
    ['{"a":":x","b\\":" : [": ", "\\":"]}', { a: ':x', 'b":': [': ', '":'] }],
  ])('accepts %s', (text, value) => {
    expect(read(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    ['[1]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['"x"', 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
    ['1', 'json: cannot unmarshal number into Go value of type map[string]interface {}'],
    ['true', 'json: cannot unmarshal bool into Go value of type map[string]interface {}'],
    ['{"__proto__":{}}', 'key "__proto__" is not allowed, at byte 1'],
    ['{"a":{"\\u005f_pro\\u0074o__" : 1}}', 'key "__proto__" is not allowed, at byte 6'],
    ['{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}', 'duplicate key body.b.c[1].d, at character 26'],
    ['{"a":1,"b" :2,"b"\n:3,"c":":x"}', 'duplicate key body.b, at character 14'],
    ['{"a-b":{"x":1,"\\u0078":2}}', 'duplicate key body["a-b"].x, at character 14'],
    ['{"a":1e999}', 'number does not fit a 64-bit float, at byte 5'],
    [`{"a":${'9'.repeat(400)}}`, 'number does not fit a 64-bit float, at byte 5'],
    [`{"a":${'['.repeat(100)}`, 'nested deeper than 100 levels, at byte 104'],
    ['['.repeat(1_000_000), 'nested deeper than 100 levels, at byte 100'],
  ])('refuses %.40s', (text, expected) => {
    expect(message(text)).toBe(expected);
  });

  it('caps the number of keys', () => {
    const limits = { maxDepth: 100, maxKeys: 2 };
    expect(read('{"a":1,"b":{}}', limits).ok).toBe(true);
    expect(read('{"a":1,"b":{"c":1}}', limits)).toEqual({
      ok: false,
      problem: 'limits',
      message: 'Invalid event body format : more than 2 keys, at byte 12',
    });
  });

  it('reads bytes that are no UTF-8 as upstream does: replaced, structure unharmed', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3]), Buffer.from('","b":1}')]);
    expect(parsePayload(bytes)).toEqual({ ok: true, value: { a: '\ufffd', b: 1 } });
  });

  it('accepts exactly what JSON.parse gives for any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 6 })), fc.nat(3), (object, indent) => {
        fc.pre(!JSON.stringify(object).includes('__proto__'));
        const text = JSON.stringify(object, undefined, indent);
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('agrees with JSON.parse on arbitrary text, but for the refusals it names', () => {
    const soup = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b\\"', '"', '\\', '1', '-', '.', 'e5', 'true', 'null', ' ', '\n', 'é'),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const text = `{"k":${parts.join('')}}`;
        const payload = read(text);
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          expect(payload.ok).toBe(false);
          expect(describeJsonError(Buffer.from(text))).toBeDefined();
          return;
        }
        expect(describeJsonError(Buffer.from(text))).toBeUndefined();
        if (payload.ok) expect(payload.value).toEqual(parsed);
        else expect(payload.message).toMatch(/duplicate key body/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('isPlainJson', () => {
  const limits = { maxDepth: 4, maxKeys: 4 };
  const text = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('1', 'null', '1e999', '":a"', '"\\":"', '"\\\\"', '"b"', '"é:"'),
      fc.array(tie('value'), { maxLength: 3 }).map((elements) => `[${elements.join(' , ')}]`),
      fc
        .array(
          fc.tuple(fc.constantFrom('"a"', '"b" ', '"\\":"\n\t', '":"', '"__proto__"', '"\\u005f_proto__"', '"\\u0061"'), tie('value')),
          {
            maxLength: 3,
          },
        )
        .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join()}}`),
    ),
  })).value;

  it('passes only what the scan passes and what has no repeated key', () => {
    fc.assert(
      fc.property(text, (json) => {
        const bytes = Buffer.from(json);
        const value: unknown = JSON.parse(json);
        if (!isPlainJson(value, bytes, limits)) return;
        expect(scanJson(bytes, limits)).toEqual({ ok: true, keys: countKeys(value) });
      }),
      { numRuns: 3000 },
    );
  });

  it('passes what people send', () => {
    const json = '{"a":{"b":[1,"x: y",{"c":null}]},"d":"http://e"}';
    expect(isPlainJson(JSON.parse(json), Buffer.from(json), limits)).toBe(true);
  });
});

describe('scanJson', () => {
  it('counts every key of the text, and countKeys every key that is left', () => {
    const text = '{"a":1,"a":{"b":[{"c":1}]}}';
    expect(scanJson(Buffer.from(text))).toEqual({ ok: true, keys: 4 });
    expect(countKeys(JSON.parse(text))).toBe(3);
    expect(findDuplicateKey(text)).toEqual({ path: 'body.a', offset: 7 });
  });
});

describe('describeJsonError', () => {
  it.each([
    ['{bad', "invalid character 'b' looking for beginning of object key string", 1],
    ['{} trailing', "invalid character 't' after top-level value", 3],
    ['{"a"}', "invalid character '}' after object key", 4],
    ['{"a":1 "b"', "invalid character '\"' after object key:value pair", 7],
    ['[1 2]', "invalid character '2' after array element", 3],
    ['{"a":\'x\'}', "invalid character '\\'' looking for beginning of value", 5],
    ['{"a":"\n"}', "invalid character '\\n' in string literal", 6],
    ['{"a":"\u0001"}', "invalid character '\\x01' in string literal", 6],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code", 7],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape", 10],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')", 8],
    ['{"a":-}', "invalid character '}' in numeric literal", 6],
    ['{"a":01}', "invalid character '1' after object key:value pair", 6],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal", 7],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal", 7],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value", 0],
    ['a=1&b=2', "invalid character 'a' looking for beginning of value", 0],
    ['{"a":', 'unexpected end of JSON input', 5],
  ])('%s', (text, expected, offset) => {
    expect(describeJsonError(Buffer.from(text))).toEqual({ message: expected, offset });
  });
});
