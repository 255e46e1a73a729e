import { describe, expect, it } from 'vitest';
import { compileCel } from '../compile-cel.ts';
import type { CelHost } from '../frame.ts';
import type { CelValue } from '../values.ts';
import { describeError } from './describe-error.ts';
import { tektonTriggersEnvironment } from './environment.ts';

function evaluate(source: string, s: CelValue = '', host?: CelHost): unknown {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  if (!compiled.ok) return compiled.error.message;
  const result = compiled.program.evaluate(
    { body: { s }, header: { 'X-A-B': ['1', '2'], 'x-low': ['3'] }, extensions: {}, requestURL: '/' },
    { host },
  );
  return result.ok ? result.value : result.error.message;
}

describe('header functions', () => {
  it.each<[string, unknown]>([
    ["header.match('x-a-b', '1')", true],
    ["header.match('x-a-b', '2')", false],
    ["header.canonical('X-A-b')", '1'],
    ["header.canonical('x-low')", ''],
    ["header.match('absent', '')", false],
    ["header.canonical('absent')", ''],
    ["body.match('s', 'x')", 'failed to convert to http.Header: values are not lists of strings'],
    ["body.s.match('a', 'b')", 'no such overload: match(string)'],
  ])('%s', (source, expected) => {
    expect(evaluate(source.replace("'s', 'x'", "'S', 'x'").replace('body.match', "{'S': body.s}.match"))).toEqual(expected);
  });
});

describe('truncate counts bytes', () => {
  it.each<[string, bigint, string]>([
    ['hello', 2n, 'he'],
    ['hello', 5n, 'hello'],
    ['hello', 50n, 'hello'],
    ['', 0n, ''],
    ['é', 2n, 'é'],
    ['é', 1n, '\udcc3'],
    ['a😀b', 3n, 'a\udcf0\udc9f'],
    ['a😀b', 5n, 'a😀'],
    ['€€', 5n, '€\udce2\udc82'],
  ])('%s to %s bytes', (text, length, expected) => {
    expect(evaluate(`body.s.truncate(${length})`, text)).toBe(expected);
  });
});

describe('translate', () => {
  it.each([
    ['ab12', '([a-z]+)([0-9]+)', '$2-$1', '12-ab'],
    ['ab12', '([a-z]+)([0-9]+)', '${2}_$1', '12_ab'],
    ['ab12', '([a-z]+)([0-9]+)', '$2_$1', 'ab'],
    ['ab12', '(?P<l>[a-z]+)', '<$l>', '<ab>12'],
    ['abc', '', '-', '-a-b-c-'],
    ['abc', 'x*', '-', '-a-b-c-'],
    ['baaac', 'a*', 'x', 'xbxcx'],
    ['banana', 'a', '$$', 'b$n$n$'],
    ['banana', 'a', '$', 'b$n$n$'],
    ['a/b c', '[^a-z]+', '_', 'a_b_c'],
    ['abc', 'z', 'y', 'abc'],
  ])('%s: %s by %s', (text, pattern, template, expected) => {
    expect(evaluate(`body.s.translate('${pattern}', '${template}')`, text)).toBe(expected);
    expect(evaluate(`body.s[0].translate(body.s[1], body.s[2])`, [text, pattern, template])).toBe(expected);
  });

  it('names a bad pattern', () => {
    expect(evaluate("'a'.translate('(?=a)', 'b')")).toBe(
      'failed to parse regular expression for translation: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    );
  });
});

describe('parseURL', () => {
  const parts = { scheme: '', host: '', path: '', rawQuery: '', fragment: '', query: {}, queryStrings: {} };

  it.each<[string, unknown]>([
    [
      'https://u:p@h:80/a%20b?x=1&x=2&y+z=%41#f',
      {
        scheme: 'https',
        host: 'h:80',
        path: '/a b',
        rawQuery: 'x=1&x=2&y+z=%41',
        fragment: 'f',
        query: { x: '1,2', 'y z': 'A' },
        queryStrings: { x: ['1', '2'], 'y z': ['A'] },
        auth: { username: 'u', password: 'p' },
      },
    ],
    ['/foo', { ...parts, path: '/foo' }],
    ['', parts],
    ['mailto:a@b', { ...parts, scheme: 'mailto' }],
    ['http://[::1]:80/x', { ...parts, scheme: 'http', host: '[::1]:80', path: '/x' }],
    ['?a=1;b=2&c', { ...parts, rawQuery: 'a=1;b=2&c', query: { c: '' }, queryStrings: { c: [''] } }],
    ['?__proto__=x', { ...parts, rawQuery: '__proto__=x', query: { ['__proto__']: 'x' }, queryStrings: { ['__proto__']: ['x'] } }],
    ['://bad', `failed to decode '://bad' in parseURL: parse "://bad": missing protocol scheme`],
    ['http://h:x/', `failed to decode 'http://h:x/' in parseURL: parse "http://h:x/": invalid port ":x" after host`],
    ['/%zz', `failed to decode '/%zz' in parseURL: parse "/%zz": invalid URL escape "%zz"`],
    ['a:b/c', { ...parts, scheme: 'a' }],
    ['1a:b', `failed to decode '1a:b' in parseURL: parse "1a:b": first path segment in URL cannot contain colon`],
  ])('%s', (url, expected) => {
    expect(evaluate('body.s.parseURL()', url)).toEqual(expected);
  });
});

describe('parseYAML and parseJSON', () => {
  it.each<[string, unknown]>([
    [
      'a: yes\nb: 0o14\nc: 014\nd: 2020-01-01\ne: 1:30\nf: ~\ng: 1_000\nh: -0x1F\ni: 1e3\nj: on',
      {
        a: true,
        b: 12,
        c: 12,
        d: '2020-01-01',
        e: '1:30',
        f: null,
        g: 1000,
        h: -31,
        i: 1000,
        j: true,
      },
    ],
    ['base: &b {x: 1}\nm:\n  <<: *b\n  z: 2', { base: { x: 1 }, m: { x: 1, z: 2 } }],
    ['', {}],
    ['1: a\ntrue: b', { '1': 'a', true: 'b' }],
  ])('YAML %j', (yaml, expected) => {
    expect(evaluate('body.s.parseYAML()', yaml)).toEqual(expected);
  });

  it('says what could not be decoded', () => {
    expect(evaluate('body.s.parseYAML()', '- 1')).toBe(
      "failed to decode '- 1' in parseYAML: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
    expect(evaluate('body.s.parseJSON()', '"x"')).toBe(
      `failed to decode '"x"' in parseJSON: json: cannot unmarshal string into Go value of type map[string]interface {}`,
    );
    expect(evaluate('body.s.parseJSON()', '{')).toMatch(/^failed to decode '\{' in parseJSON: /);
  });
});

describe('compareSecret', () => {
  const asked: string[] = [];
  const host: CelHost = {
    secret: ({ name, key }) => {
      asked.push(`${name}/${key}`);
      return name === 'sec' ? new TextEncoder().encode('v1') : name === 'later' ? undefined : 'missing';
    },
    equalSecret: (a, b) => a.length > 0 && String(a) === String(b),
  };

  it('takes the key first and ignores the namespace', () => {
    expect([evaluate("'v1'.compareSecret('k', 'sec')", '', host), evaluate("'v2'.compareSecret('k', 'sec', 'ns')", '', host)]).toEqual([
      true,
      false,
    ]);
    expect(asked).toEqual(['sec/k', 'sec/k']);
  });

  it('fails for a secret that is not there', () => {
    expect(evaluate("'x'.compareSecret('k', 'no')", '', host)).toBe(
      "failed to find secret 'no' key 'k' in compareSecret: no such secret or key",
    );
    expect(evaluate("'x'.compareSecret('k', 'no') || true", '', host)).toBe(true);
  });

  it('asks for a secret that was not read, even where the result seems not to matter', () => {
    const compiled = compileCel("'x'.compareSecret('k', 'later') || true", tektonTriggersEnvironment);
    const result = compiled.ok ? compiled.program.evaluate({}, { host }) : compiled;
    expect(result).toMatchObject({ ok: false, error: { code: 'NeedSecret', secret: { name: 'later', key: 'k' } } });
  });

  it('lists the secrets that literals name', () => {
    const compiled = compileCel("'x'.compareSecret('k', 's') && 'y'.compareSecret(body.k, 't', 'ns')", tektonTriggersEnvironment);
    expect(compiled.ok && compiled.program.secretReferences).toEqual([{ name: 's', key: 'k' }]);
  });
});

describe('lists and JSON', () => {
  it.each<[string, unknown]>([
    ['[1, 2].first()', 1n],
    ['[].last()', null],
    ['body.first()', "found no matching overload for 'first' applied to 'map(string, dyn).()'"],
    ["{'b': [1, 2.5, null], 'a': '<'}.marshalJSON()", '{"a":"\\u003c","b":[1,2.5,null]}'],
    ['body.s.marshalJSON()', 'no such overload: marshalJSON(string)'],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });
});

describe('describeError', () => {
  it.each([
    ['body.a', 'expression "body.a" failed to evaluate: no such key: a'],
    ["int('x')", `expression "int('x')" failed to create a Program: type conversion error from 'string' to 'int'`],
    ['a', `expression "a" check failed: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a\n | ^`],
    ['1 1', `failed to parse expression "1 1": ERROR: <input>:1:3: Syntax error: extraneous input '1' expecting <EOF>\n | 1 1\n | ..^`],
  ])('%s', (source, expected) => {
    const compiled = compileCel(source, tektonTriggersEnvironment);
    const result = compiled.ok ? compiled.program.evaluate({ body: {} }) : compiled;
    expect(result.ok ? 'ok' : describeError(source, result.error)).toBe(expected);
  });
});
