import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BindingResult, compileBindingValue } from '../../src/expressions/jsonpath/binding-value.ts';
import { eventRoot } from '../../src/expressions/jsonpath/event-context.ts';

/** More runs, or those of a failure: `TAPPET_JSONPATH_RUNS`, `TAPPET_JSONPATH_SEED`. */
const numRuns = Number(process.env['TAPPET_JSONPATH_RUNS'] ?? 3_000);
const seed = Number(process.env['TAPPET_JSONPATH_SEED'] ?? 20_260_101);

function evaluate(value: string, body: unknown): BindingResult {
  return compileBindingValue(value).evaluate(eventRoot({ body, header: { 'X-A': 'b' }, eventId: 'EVT' }));
}

function outcome(value: string, body: unknown): string {
  const result = evaluate(value, body);
  return result.ok ? `ok, ${result.value.text.length} characters` : result.error.slice(0, 60);
}

const size = 100_000;
const times = (text: string, length = size) => text.repeat(Math.ceil(length / text.length));
const many = Array.from({ length: 90_000 }, (_, index) => ({ n: index }));

/** `levels` objects, or lists, inside each other. */
function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

describe('bindings of 100 kB over hostile payloads', () => {
  it.each<[name: string, value: string, body: unknown, expected: string]>([
    ['expressions begun again and again', times('$('), {}, 'ok, 100000 characters'],
    ['parentheses', `$(${times('(')}${times(')')})`, {}, '('.repeat(60)],
    ['filters begun again and again', `$(body${times('[?(', 30_000)}${times(')]', 20_000)})`, {}, 'unterminated filter'],
    ['brackets', `$(body${times('[')})`, {}, 'unterminated array'],
    ['spaces in a union', `$(body[1,x${times(' ')}x])`, {}, `invalid array index x${' '.repeat(39)}`],
    ['a union of many', `$(body[${times("'a',")}'a'])`, { a: 1 }, 'ok, 50003 characters'],
    ['an index of many digits', `$(body.a[${times('1')}])`, { a: [] }, `array index ${'1'.repeat(48)}`],
    ['a step of many digits', `$(body.a[::${times('9')}])`, { a: [] }, `array index ${'9'.repeat(48)}`],
    ['many fields', `$(body${times('.a')})`, nested(10, (a) => ({ a })), 'a is not found'],
    ['backslashes', `$(body.${times('\\')})`, {}, ' is not found'],
    ['quotes in a filter', `$(body[?(@.a=='${times("\\'")}')])`, {}, 'map[] is not array or slice and cannot be filtered'],
    ['operators in a filter', `$(body.a[?(@.a${times('<')}1)])`, { a: [1] }, 'a is not found'],
    ['literals for many values', `$(body.a[*] ${times('1 ')})`, { a: many }, 'more than 5000000 values'],
    ['literals in a filter over many values', `$(body.a[?(${times('1 ')})])`, { a: many }, 'more than 5000000 values'],
    ['many values many times', `$(body[${times("'a',")}'a'].*)`, { a: many }, 'more than 100000 values'],
    ['many values many times, by a slice', `$(body[${times("'a',")}'a'][0:])`, { a: many }, 'more than 100000 values'],
    ['many values many times, filtered', `$(body[${times("'a',")}'a'][?(@.x)])`, { a: many }, 'more than 5000000 values'],
    ['many values many times, descended into', `$(body[${times("'a',")}'a']..x)`, { a: many }, 'more than 100000 values'],
    ['the bytes of a long string', '$(body.s.*)', { s: times('x', 5_000_000) }, 'more than 100000 values'],
    ['descent into a long string', '$(body..x)', { s: times('x', 5_000_000) }, 'x is not found'],
    ['descent again and again', `$(body${times('..a')})`, nested(400, (a) => ({ a })), 'more than 100000 values'],
    ['a deep object', '$(body)', nested(9_000, (a) => ({ a })), 'ok, 54001 characters'],
    ['a deep list', '$(body)', nested(9_000, (element) => [element]), 'ok, 18001 characters'],
    ['a filter on what is deep', '$(body.a[?(@.x)])', nested(9_000, (a) => ({ a })), `${'map[a:'.repeat(9)}…${']'.repeat(5)}`],
    ['expressions from the payload', times('$(body.a)'), { a: '$(' }, 'ok, 22224 characters'],
    [
      'long expressions from the payload',
      times('$(body.a)'),
      { a: `$(${times('x', 370)}` },
      'the value would be longer than 4194304 characters',
    ],
    ['escapes', times('\\u00'), {}, 'ok, 100000 characters'],
  ])('%s', (_name, value, body, expected) => {
    expect(outcome(value, body)).toBe(expected);
  });
});

const alphabet =
  'body|header|extensions|context|a|b|é|😀|.|..|[|]|[?(|)]|(|)|@|$|$(|\'|"|==|!=|<|>=|=~|0|1|-1|2.5|:|*|,|\\|\\.| |\n|{|}|true|range |end';
const text = fc.oneof(
  fc.array(fc.constantFrom(...alphabet.split('|')), { maxLength: 20 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

describe('arbitrary bindings', () => {
  it('never throw', () => {
    const property = fc.property(text, fc.boolean(), fc.json(), (value, wrapped, body) => {
      const result = evaluate(wrapped ? `$(${value})` : value, JSON.parse(body));
      expect(typeof (result.ok ? result.value.text : result.error)).toBe('string');
    });
    fc.assert(property, { numRuns, seed });
  });
});

/** A path of the part of the dialect that is easily said: a step, and how it is written. */
type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'all' }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'slice'; readonly from?: number | undefined; readonly to?: number | undefined; readonly by?: number | undefined }
  | { readonly type: 'union'; readonly names: readonly string[] }
  | { readonly type: 'having'; readonly name: string }
  | { readonly type: 'equal'; readonly name: string; readonly text: string }
  | { readonly type: 'below'; readonly name: string };

function written(step: Step): string {
  switch (step.type) {
    case 'field':
      return `.${step.name.replaceAll('.', '\\.')}`;
    case 'all':
      return '[*]';
    case 'index':
      return `[${step.index}]`;
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}${step.by === undefined ? '' : `:${step.by}`}]`;
    case 'union':
      return `[${step.names.map((name) => `'${name}'`).join(',')}]`;
    case 'having':
      return `[?(@.${step.name})]`;
    case 'equal':
      return `[?(@.${step.name}=='${step.text}')]`;
    case 'below':
      return `..${step.name}`;
  }
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
class NoResult extends Error {}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !isList(value);
const listsOf = (values: readonly Json[]) => values.map((value) => (isList(value) ? value : fail()));
const named = (values: readonly Json[], name: string) =>
  values.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name] ?? null] : []));

function fail(): never {
  throw new NoResult();
}

/** What reference/triggers.md says of each step, said once more. */
function apply(values: readonly Json[], step: Step): readonly Json[] {
  switch (step.type) {
    case 'field': {
      const found = named(values, step.name);
      return found.length > 0 || values.length === 0 ? found : fail();
    }
    case 'all':
      return slices(values, 0, undefined, 1);
    case 'index':
      return listsOf(values.filter((value) => value !== null)).map((list) => {
        const found = list.at(step.index);
        return found === undefined ? fail() : found;
      });
    case 'slice':
      return slices(values, step.from ?? 0, step.to, step.by ?? 1);
    case 'union':
      return step.names.flatMap((name) => apply(values, { type: 'field', name }));
    case 'having':
      return listsOf(values).flatMap((list) => list.filter((element) => named([element], step.name).length > 0));
    case 'equal':
      return listsOf(values).flatMap((list) =>
        list.filter((element) => {
          const [value = fail()] = named([element], step.name);
          return typeof value === 'string' ? value === step.text : fail();
        }),
      );
    case 'below': {
      const all = values.flatMap(containers);
      return apply(all, { type: 'field', name: step.name });
    }
  }
}

function slices(values: readonly Json[], from: number, to: number | undefined, by: number): readonly Json[] {
  const found: Json[] = [];
  for (const value of values) {
    if (value === null) continue;
    const [list = []] = listsOf([value]);
    const [start, end] = [from < 0 ? from + list.length : from, to === undefined ? list.length : to < 0 ? to + list.length : to];
    // An empty range ends the step: upstream's way.
    if (start === end) return found;
    if (start < 0 || end < 0 || start >= list.length || end > list.length || start > end || by <= 0) fail();
    for (let index = start; index < end; index += by) found.push(list[index] ?? null);
  }
  return found;
}

/** Everything that has members, outermost first; a text has its bytes. */
function containers(value: Json): readonly Json[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!isList(value) && !isObject(value)) return [];
  const members = isList(value) ? value : Object.values(value);
  return members.length === 0 ? [] : [value, ...members.flatMap(containers)];
}

const name = fc.constantFrom('a', 'b', 'c');
const index = fc.integer({ min: -3, max: 3 });
const bound = fc.option(index, { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('field' as const), name: fc.oneof(name, fc.constant('a.b')) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'all' as const }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('index' as const), index }) },
  fc.record({
    type: fc.constant('slice' as const),
    from: bound,
    to: bound,
    by: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('union' as const), names: fc.array(name, { minLength: 2, maxLength: 3 }) }),
  fc.record({ type: fc.constant('having' as const), name }),
  fc.record({ type: fc.constant('equal' as const), name, text: fc.constantFrom('x', 'y', '') }),
  fc.record({ type: fc.constant('below' as const), name }),
);

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json[]>(null, true, 1, 2.5, 'x', 'y', ''),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a.b'), tie('json'), { noNullPrototype: true }),
  ),
}));

function expected(body: Json, steps: readonly Step[]): readonly Json[] | undefined {
  try {
    return steps.reduce<readonly Json[]>(apply, [body]);
  } catch (thrown) {
    if (thrown instanceof NoResult) return undefined;
    throw thrown;
  }
}

describe('paths', () => {
  it('lead where a plain reading of the dialect leads', () => {
    let led = 0;
    const property = fc.property(json, fc.array(step, { minLength: 1, maxLength: 4 }), (body, steps) => {
      const values = expected(body, steps);
      const result = evaluate(`$(body${steps.map(written).join('')})`, body);
      if (values === undefined) expect(result.ok).toBe(false);
      else {
        led += 1;
        const [only = null] = values;
        const wanted = values.length === 1 ? only : values;
        expect(result.ok && result.value.plain).toBe(typeof wanted === 'string' ? wanted : sorted(wanted));
      }
    });
    fc.assert(property, { numRuns: numRuns * 3, seed });
    expect(led).toBeGreaterThan(numRuns / 10);
  });
});

/** JSON with the keys of objects in order, as upstream writes it. */
function sorted(value: Json): string {
  if (isList(value)) return `[${value.map(sorted).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`).join(',')}}`;
}
