import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/expressions/cel/compile-cel.ts';
import { createEnvironment } from '../../src/expressions/cel/environment.ts';
import { fn, type Overload } from '../../src/expressions/cel/functions.ts';
import type { CelLimits } from '../../src/expressions/cel/limits.ts';
import { describeError } from '../../src/expressions/cel/tekton/describe-error.ts';
import { tektonTriggersEnvironment } from '../../src/expressions/cel/tekton/environment.ts';
import { type CelObject, type CelValue, isList } from '../../src/expressions/cel/values.ts';

/** CPU time of one case. Far above the tenths of a second that the limits are made for, as machines differ; far below what there would be without them. */
const MOST_CPU_MS = 5_000;

const M = 1_000_000;

/** What a hostile sender may put into a payload. */
const body: CelObject = {
  s: 'a'.repeat(M),
  /** As long and equal, but another string. */
  same: `${'a'.repeat(M - 1)}a`,
  /** Looked for in `s`, this takes the built-in search the product of both lengths. */
  periodic: `b${'a'.repeat(500_000)}`,
  periodicEnd: `${'a'.repeat(500_000)}b`,
  emoji: '😀'.repeat(250_000),
  digits: '1'.repeat(M),
  blanks: `x${' '.repeat(M)}x`,
  forty: 'a'.repeat(40),
  letters: 'a'.repeat(20_000),
  texts: Array.from({ length: 20 }, (_, index) => `${'a'.repeat(50_000)}${index}`),
  numbers: Array.from({ length: 10_000 }, (_, index) => index),
  map: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index])),
  json: `{"a":[${'{},'.repeat(200_000)}{}]}`,
  yaml: Array.from({ length: 30_000 }, (_, index) => `k${index}: v`).join('\n'),
  bomb: ['l0: &l0 [x, x]', ...Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}*l${n}]`)].join('\n'),
  url: `http://h/?${'a=b&'.repeat(200_000)}`,
  base64: 'YWFh'.repeat(250_000),
  deep: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`),
};

interface Outcome {
  readonly text: string;
  readonly cpuMs: number;
}

function evaluate(source: string, limits?: Partial<CelLimits>): Outcome {
  const before = process.cpuUsage();
  const compiled = compileCel(source, tektonTriggersEnvironment);
  const result = compiled.ok
    ? compiled.program.evaluate({ body, header: { A: ['b'] }, extensions: {}, requestURL: '/' }, { limits })
    : compiled;
  const { user, system } = process.cpuUsage(before);
  return { text: result.ok ? 'a value' : result.error.code, cpuMs: (user + system) / 1000 };
}

const hundred = 'lists.range(100)';
const thousand = 'lists.range(1000)';
const many = 'lists.range(300000)';
const million = 'lists.range(1000000)';
/** Says something again and again, which must be accounted for each time. */
const again = (text: string) => `${many}.all(i, ${text})`;

describe('an evaluation that would take long or much memory ends in LimitExceeded', () => {
  it.each([
    ['nested loops', `${hundred}.all(a, ${hundred}.all(b, ${hundred}.all(c, ${hundred}.all(d, true))))`],
    ['ranges of ranges', `${thousand}.map(a, lists.range(100000))`],
    ['many ranges', `[${Array(40).fill(million).join(',')}]`],
    ['doubling a string', `['ab']${'.map(x, [x, x].join())'.repeat(60)}`],
    ['doubling a list', `[[1]]${'.map(x, x + x)'.repeat(40)}`],
    ['adding strings', `${many}.map(a, string(a) + body.s)`],
    ['long strings made by loops', `${hundred}.map(b, ${hundred}.map(c, ${hundred}.map(d, 'xxxxxxxxxx').join()).join())`],
    ['equal strings', again('body.s == body.same')],
    ['equal strings in lists', again('body.s in [body.same]')],
    ['a long key of a map', again('{body.s: 1}[body.same] == 1')],
    ['a long key of a payload', again('!(body.s in body)')],
    ['the order of strings', again('body.s <= body.same')],
    ['the order of bytes', `[bytes(body.s)].all(b, ${again('b <= b')})`],
    ['contains', again("!body.s.contains('ab')")],
    ['startsWith', again('body.s.startsWith(body.same)')],
    ['lastIndexOf', again(`body.s.lastIndexOf('${'a'.repeat(40)}b') == -1`)],
    ['indexOf beyond the basic plane', again("body.emoji.indexOf('x') == -1")],
    ['charAt beyond the basic plane', again("body.emoji.charAt(200000) == '😀'")],
    ['substring', again("body.s.substring(1) != ''")],
    ['size', again('size(body.emoji) == 250000')],
    ['lowerAscii', again("body.s.lowerAscii() != ''")],
    ['trim', again("body.blanks.trim() != ''")],
    ['reverse', again("body.s.reverse() != ''")],
    ['strings.quote', again("strings.quote(body.s) != ''")],
    ['split into characters', `${many}.map(a, body.s.split(''))`],
    ['split', `${many}.map(a, body.s.split('a'))`],
    ['replace that grows', `'aa'${".replace('a', 'aaaaaaaaaa')".repeat(12)}`],
    ['replace by a long text', `body.s.replace('', body.s)`],
    ['join', `${many}.map(a, body.s).join()`],
    ['join with a long separator', `${many}.map(a, '').join(body.s)`],
    ['marshalJSON of what is shared', `${many}.map(a, body.s).marshalJSON()`],
    ['json.encode of what is shared', `json.encode([body.numbers]${'.map(x, [x, x])'.repeat(30)})`],
    ['JSON escapes', `${many}.map(a, '\\u0001\\u0001\\u0001\\u0001').marshalJSON()`],
    ['%s of what is shared', `'%s'.format([${many}.map(a, body.s)])`],
    ['%s of a shared map', `'%s'.format([[body.map]${'.map(x, {"a": x, "b": x})'.repeat(30)}])`],
    ['format, many digits', `${many}.map(a, '%.100f'.format([1.5e300]))`],
    ['format, hexadecimal', again("'%x'.format([body.s]) != ''")],
    ['format, a template that doubles', `['%s']${'.map(x, [x, x].join())'.repeat(18)}.map(f, f.format(${many}))`],
    ['sort, long texts', `${thousand}.map(a, body.texts).flatten().sort()`],
    ['sort', `${many}.map(x, -x).sort()`],
    ['sortBy', `${many}.sortBy(x, -x)`],
    ['distinct', 'lists.range(100000).distinct()'],
    ['distinct, maps', `${thousand}.map(x, {'a': x}).distinct()`],
    ['sets', 'sets.contains(lists.range(100000), lists.range(100000).map(x, x + 50000))'],
    ['slice', again('body.numbers.slice(0, 10000).size() > 0')],
    ['flatten', `${thousand}.map(a, ${thousand}).flatten().map(x, ${hundred}).flatten()`],
    ['comparing lists', `${thousand}.all(a, ${thousand} == ${thousand})`],
    ['comparing maps', `${thousand}.all(a, body.map == body.map)`],
    ['many maps', `${million}.map(a, {})`],
    ['many lists', `${million}.map(a, [])`],
    ['parseJSON', `${many}.map(a, body.json.parseJSON())`],
    ['parseJSON that fails', `${many}.exists(a, '{'.parseJSON() == {})`],
    ['parseYAML', `${many}.map(a, body.yaml.parseYAML())`],
    ['parseYAML that fails', `${many}.exists(a, 'a: a: 1'.parseYAML() == {})`],
    ['parseYAML of an alias bomb', 'body.bomb.parseYAML() == {}'],
    ['parseURL', `${many}.map(a, body.url.parseURL())`],
    ['base64.encode', again("base64.encode(bytes(body.s)) != ''")],
    ['base64.encode of base64.encode', `[b'aaa']${'.map(x, bytes(base64.encode(x)))'.repeat(80)}`],
    ['base64.decode', again("base64.decode(body.base64) != b''")],
    ['bytes with stray ones', `['😀'.truncate(2) + body.s].all(x, ${again("bytes(x) != b''")})`],
    ['truncate', again("body.s.truncate(999999) != ''")],
    ['header names', again("header.canonical(body.s) == ''")],
    ['patterns that are not known before', `${many}.exists(x, 'a'.matches(string(x)))`],
    ['a pattern over a long text', again("!body.s.matches('(x|a|aa)+c')")],
    ['a pattern with many instructions', `body.s.matches('${'a{1000}'.repeat(1000)}')`],
    ['many patterns in one expression', `[${Array.from({ length: 3500 }, (_, i) => `''.matches('${i}a{900}')`).join(',')}]`],
    ['translate that reads on and on', "body.letters.translate('a*?b|a', 'x')"],
    ['translate that grows', `body.s.translate('a', '${'$0'.repeat(100)}')`],
    ['time zones', `${many}.map(a, timestamp(a).getHours('America/New_York'))`],
    ['time zones that are none', `${many}.exists(a, timestamp(a).getHours('X' + string(a)) == 1)`],
    ['structs', `${many}.map(x, google.protobuf.Struct{fields: body.map})`],
    ['depth of data, compared', 'body.deep == body.deep'],
    ['depth of data, as JSON', "body.deep.marshalJSON() == ''"],
    ['depth of data, flattened', 'body.deep.flatten(10000) == []'],
    ['depth of data, formatted', "'%s'.format([body.deep]) == ''"],
  ])('%s', (_name, source) => {
    const { text, cpuMs } = evaluate(source, { maxSteps: 500_000 });
    expect(text).toBe('LimitExceeded');
    expect(cpuMs).toBeLessThan(MOST_CPU_MS);
  });
});

describe('what looks as bad and is not', () => {
  it.each([
    ['a search for a periodic text', 'body.s.contains(body.periodic)', 'a value'],
    ['a search backwards for one', 'body.s.lastIndexOf(body.periodicEnd) == -1', 'a value'],
    ['a pattern that explodes elsewhere', "body.s.matches('(a+)+$x')", 'a value'],
    ['a repetition of repetitions', "body.s.matches('(a{1000}){1000}')", 'LimitExceeded'],
    ['a duration of a million digits', "duration(body.digits) == duration('1s')", 'InvalidArgument'],
    ['an integer of a million digits', 'int(body.digits) == 1', 'InvalidArgument'],
    ['blanks that are not at the end', "body.blanks.trim() == 'x'", 'a value'],
    ['one pass over a long text', "body.letters.translate('[^b]+', 'x') == 'x'", 'a value'],
    ['a million numbers', 'lists.range(1000000).size() == 1000000', 'a value'],
    ['a hundred thousand comparisons', 'lists.range(100000).exists(x, x == 99999)', 'a value'],
    ['all of a payload as JSON', 'body.map.marshalJSON().size() > 0', 'a value'],
  ])('%s', (_name, source, expected) => {
    const { text, cpuMs } = evaluate(source);
    expect(text).toBe(expected);
    expect(cpuMs).toBeLessThan(MOST_CPU_MS);
  });
});

describe('limits', () => {
  it('are not absorbed', () => {
    expect(evaluate(`${hundred}.all(x, true) || true`, { maxSteps: 50 }).text).toBe('LimitExceeded');
  });

  it('hold while compiling too', () => {
    const fill = (unit: string) => `[${unit.repeat(Math.floor(99_990 / unit.length))}]`;
    const chained = (step: string) => `[1]${step.repeat(100)}`;
    const variables = Array.from({ length: 60 }, (_, i) => `[].map(b${i}, [b${Math.max(0, i - 1)}, {b${i}: b${i}}] == [] && `);
    const sources = [
      ...[
        '[],',
        '{},',
        '[[]],',
        '[]+[],',
        '[]==[],',
        '[].first(),',
        "1,'a',",
        'x,',
        'f(),',
        "1+'a',",
        'body.a,',
        "duration('1h'),",
        "duration('x'),",
      ].map(fill),
      // Types that double with every step.
      ...['.map(x, {x: x})', '.map(x, {x: [x]})', '.map(x, [x, {x: x}])'].map(chained),
      `${variables.join('')}true${')'.repeat(60)}`,
      `true${'&&[]==[]'.repeat(11_000)}`,
      ...['@', 'é', "'", "'''", '`a', '"\n', '//\n', '1', '.', 'x\n+'].map((unit) => unit.repeat(Math.floor(99_990 / unit.length))),
    ];
    for (const source of sources) {
      const before = process.cpuUsage();
      const compiled = compileCel(source, tektonTriggersEnvironment);
      const message = compiled.ok ? '' : describeError(source, compiled.error);
      const { user, system } = process.cpuUsage(before);
      expect([source.slice(0, 60), (user + system) / 1000 < MOST_CPU_MS, message.length < 4_000_000]).toEqual([
        source.slice(0, 60),
        true,
        true,
      ]);
    }
  }, 60_000);

  it('keep a message short, whatever it quotes', () => {
    const compiled = compileCel('body.json.parseJSON().a', tektonTriggersEnvironment);
    const result = compiled.ok && compiled.program.evaluate({ body: { json: `{${'x'.repeat(M)}` } });
    expect(result && !result.ok && result.error.message.length).toBe(2_001);
  });

  it('show a hundred issues and say how many more there are', () => {
    const source = `[${'x,'.repeat(150)}x]`;
    const compiled = compileCel(source, tektonTriggersEnvironment);
    const lines = compiled.ok ? [] : describeError(source, compiled.error).split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([301, '51 more errors were truncated']);
  });
});

describe('any expression and any limits', () => {
  const values: CelObject = {
    text: 'a😀b\ud800',
    long: 'ab,'.repeat(100),
    empty: '',
    number: 2.5,
    none: null,
    yes: true,
    list: [1, 'x', null, [2, [3]], { a: 1 }],
    texts: ['b', 'a', 'é'],
    deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`),
    map: { a: { b: 'c' }, __proto__: null, constructor: 1 },
    yaml: 'a: &x [1, 2]\nb: *x',
    url: 'https://u:p@h:80/a%20b?x=1&y=%41#f',
    pattern: '(a|b)+[^c]{2,3}',
  };
  let counted = 0;
  /** Counts how often it is called; each call costs a step. */
  const count = fn('count', ['A'], 'A', (value) => {
    counted += 1;
    return value;
  });
  const { functions } = tektonTriggersEnvironment;
  const environment = createEnvironment({
    variables: { body: 'map(string, dyn)', header: 'map(string, dyn)' },
    libraries: [[...functions.values()].flat(), [count]],
  });

  const expression = fc
    .letrec<{ node: string }>((tie) => {
      const any = tie('node').map((source) => `dyn(${source})`);
      const callable = [...functions.values()].flat().filter(({ name }) => /^[\w.]+$/.test(name) && !name.startsWith('_'));
      const call = ({ name, member, parameters }: Overload) =>
        fc
          .tuple(...parameters.map(() => any))
          .map((given) => (member ? `${given[0]}.${name}(${given.slice(1).join(', ')})` : `${name}(${given.join(', ')})`));
      return {
        node: fc.oneof(
          { depthSize: 'medium', withCrossShrink: true },
          fc.constantFrom(
            ...Object.keys(values).map((key) => `body.${key}`),
            'header',
            '0',
            '7',
            '-1',
            '3u',
            '1.5',
            "'a'",
            "b'\\xff'",
            'null',
            'x',
            '[]',
            '[1, 2, 3]',
            "{'a': 1}",
            "'%s %.3f'",
            'lists.range(50)',
            "duration('1h')",
            "timestamp('2024-01-01T00:00:00Z')",
          ),
          fc.constantFrom(...callable).chain(call),
          fc
            .tuple(any, fc.constantFrom('+', '-', '*', '/', '%', '==', '<', '>=', '&&', '||', 'in'), any)
            .map((parts) => `(${parts.join(' ')})`),
          fc
            .tuple(any, fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter', 'sortBy'), any)
            .map(([range, macro, step]) => `count(${range}).${macro}(x, count(${step}))`),
          fc.tuple(any, any).map(([a, b]) => `${a}[${b}]`),
          any.map((a) => `[${a}, ${a}]`),
          any.map((a) => `google.protobuf.Value{list_value: ${a}}`),
        ),
      };
    })
    .node.map((source) => `[0].map(x, ${source})[0]`);
  const limits = fc.record({
    maxSteps: fc.oneof(fc.nat(50), fc.nat(5_000)),
    maxElements: fc.nat(200),
    maxStringLength: fc.nat(500),
    maxDataDepth: fc.nat(30),
  });

  it('give a value or an error, within the limits, and more room changes nothing but a limit that was met', () => {
    fc.assert(
      fc.property(expression, limits, (source, given) => {
        const compiled = compileCel(source, environment);
        if (!compiled.ok) return;
        counted = 0;
        const { evaluate: run } = compiled.program;
        const result = run({ body: values, header: { A: ['b'] } }, { limits: given });
        expect(counted).toBeLessThanOrEqual(given.maxSteps);
        if (!result.ok && result.error.code === 'LimitExceeded') return;
        if (result.ok) expect(sizeOf(result.value)).toBeLessThanOrEqual(Math.max(given.maxStringLength, given.maxElements, 300));
        const roomier = run({ body: values, header: { A: ['b'] } }, { limits: { ...given, maxSteps: given.maxSteps * 2 } });
        expect(JSON.stringify(roomier, withBigints)).toBe(JSON.stringify(result, withBigints));
      }),
      { numRuns: Number(process.env['TAPPET_CEL_RUNS'] ?? 3_000) },
    );
  });

  function sizeOf(value: CelValue): number {
    return typeof value === 'string' || isList(value) ? value.length : 0;
  }

  function withBigints(_key: string, value: unknown): unknown {
    return typeof value === 'bigint' ? `${value}n` : value;
  }
});
