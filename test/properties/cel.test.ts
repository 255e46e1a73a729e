import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/expressions/cel/compile-cel.ts';
import { Failure } from '../../src/expressions/cel/failure.ts';
import { toJsonValue } from '../../src/expressions/cel/json-value.ts';
import { defaultLimits } from '../../src/expressions/cel/limits.ts';
import { preview } from '../../src/expressions/cel/preview.ts';
import type { Evaluation } from '../../src/expressions/cel/program.ts';
import { tektonTriggersEnvironment } from '../../src/expressions/cel/tekton/environment.ts';
import type { CelObject, CelValue } from '../../src/expressions/cel/values.ts';

const smallLimits = { maxSteps: 2_000, maxElements: 200, maxStringLength: 500 };

const tokens = `a b body header x . , ( ) [ ] { } ? : + - * / % ! == != < <= > >= && || in true false null 0 1 2u 1.5 'a' "b" b'c' r'\\d'
has all exists exists_one map filter size matches split join replace format sort distinct flatten sortBy parseJSON parseURL translate
truncate marshalJSON int string double timestamp duration type dyn math lists range greatest body.a body.list`.split(/\s+/);

const tokenSoup = fc.array(fc.constantFrom(...tokens), { maxLength: 25 }).map((parts) => parts.join(' '));

const leaf = fc.constantFrom(
  'body.a',
  'body.list',
  'body.missing',
  'body.nested.deep',
  "header['X-A']",
  'requestURL',
  '1',
  '0',
  '-3',
  '2u',
  '1.5',
  "'a'",
  "'😀b'",
  "b'xy'",
  'true',
  'false',
  'null',
  '[]',
  "[1, 'a', null]",
  "{'k': 1}",
  'x',
  "duration('1h')",
  "timestamp('2024-01-01T00:00:00Z')",
);

/** Expressions that nearly always parse and often check; `dyn` hides types from the checker, so that evaluation meets everything. */
const expression = fc
  .letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in'), tie('node'))
        .map(([a, operator, b]) => `(dyn(${a}) ${operator} dyn(${b}))`),
      fc.tuple(tie('node'), tie('node'), tie('node')).map(([a, b, c]) => `(dyn(${a}) ? dyn(${b}) : dyn(${c}))`),
      fc
        .tuple(tie('node'), fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter', 'sortBy'), tie('node'))
        .map(([a, macro, b]) => `dyn(${a}).${macro}(x, dyn(${b}))`),
      fc
        .tuple(
          fc.constantFrom('size', 'int', 'uint', 'double', 'string', 'bytes', 'type', 'timestamp', 'math.abs', 'json.encode'),
          tie('node'),
        )
        .map(([name, a]) => `${name}(dyn(${a}))`),
      fc
        .tuple(
          tie('node'),
          fc.constantFrom('first', 'last', 'marshalJSON', 'parseJSON', 'parseURL', 'reverse', 'sort', 'distinct', 'flatten', 'trim'),
        )
        .map(([a, name]) => `dyn(${a}).${name}()`),
      fc
        .tuple(tie('node'), fc.constantFrom('split', 'contains', 'matches', 'join', 'truncate', 'format', 'charAt', 'indexOf'), tie('node'))
        .map(([a, name, b]) => `dyn(${a}).${name}(dyn(${b}))`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `dyn(${a})[dyn(${b})]`),
      fc.tuple(tie('node'), fc.constantFrom('a', '__proto__', 'constructor')).map(([a, key]) => `dyn(${a}).${key}`),
      tie('node').map((a) => `!dyn(${a})`),
    ),
  }))
  .node.map((source) => `[0].map(x, ${source})[0]`);

const body = fc.dictionary(
  fc.constantFrom('a', 'list', 'nested', '__proto__', 'constructor', 'b'),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<CelObject>;

function variablesOf(given: CelObject): CelObject {
  return { body: given, header: { 'X-A': ['1'] }, extensions: {}, requestURL: '/a?b=c' };
}

function evaluate(source: string, given: CelObject, options: { trace?: boolean } = {}): Evaluation {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  return compiled.ok ? compiled.program.evaluate(variablesOf(given), { limits: smallLimits, ...options }) : compiled;
}

function outcome(result: Evaluation): string {
  return result.ok ? `value ${preview(result.value)}` : `error ${result.error.code}: ${result.error.message}`;
}

describe('CEL, whatever it is given', () => {
  it('parses or refuses any text, with positions inside it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), tokenSoup), (source) => {
        const compiled = compileCel(source, tektonTriggersEnvironment);
        if (compiled.ok) return;
        expect(compiled.error.message).not.toBe('');
        for (const { offset, line, column } of compiled.error.issues) {
          expect(offset >= 0 && offset <= source.length && line >= 1 && column >= 0).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('evaluates to a value or an error within its limits, and the same when traced', () => {
    fc.assert(
      fc.property(expression, body, (source, given) => {
        const plain = evaluate(source, given);
        expect(outcome(evaluate(source, given, { trace: true }))).toBe(outcome(plain));
        if (plain.ok && typeof plain.value === 'string') expect(plain.value.length).toBeLessThanOrEqual(smallLimits.maxStringLength);
      }),
      { numRuns: 1500 },
    );
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(expression, body, (source, given) => {
        const before = JSON.stringify(given);
        evaluate(source, given);
        expect(JSON.stringify(given)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it('has commutative && and || where no error decides', () => {
    fc.assert(
      fc.property(expression, expression, fc.constantFrom('&&', '||'), body, (a, b, operator, given) => {
        const [forth, back] = [`dyn(${a}) ${operator} dyn(${b})`, `dyn(${b}) ${operator} dyn(${a})`].map((source) =>
          evaluate(source, given),
        );
        if (forth?.ok && back?.ok) expect(forth.value).toBe(back.value);
        else if (forth?.ok !== back?.ok)
          expect([forth, back].some((result) => !result?.ok && result?.error.code === 'LimitExceeded')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSON', () => {
  it('survives marshalJSON and parseJSON', () => {
    fc.assert(
      fc.property(body, (given) => {
        const json = JSON.parse(JSON.stringify(given)) as CelObject;
        const compiled = compileCel('body.marshalJSON().parseJSON() == body', tektonTriggersEnvironment);
        expect(compiled.ok && compiled.program.evaluate(variablesOf(json))).toEqual({ ok: true, value: true });
      }),
      { numRuns: 300 },
    );
  });

  it('converts values of JSON to themselves', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as CelValue;
        const converted = toJsonValue(json, { limits: defaultLimits, steps: 0 });
        // Text that is no Unicode is refused.
        if (converted instanceof Failure) expect(converted.message).toContain('invalid UTF-8');
        else expect(converted).toEqual(json);
      }),
    );
  });
});
