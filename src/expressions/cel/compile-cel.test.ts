import { describe, expect, it } from 'vitest';
import { compileCel } from './compile-cel.ts';
import { tektonTriggersEnvironment } from './tekton/environment.ts';
import { type CelObject, Uint } from './values.ts';

const payload = `{
  "action": "opened", "number": 7, "draft": false, "nothing": null, "text": "a😀b", "list": ["x", "y"],
  "nested": {"key": "value"}, "__proto__": {"polluted": true}, "constructor": "builder", "toString": 1
}`;
const variables = { body: JSON.parse(payload) as CelObject, header: { 'X-Foo': ['a', 'b'] }, extensions: {}, requestURL: '/' };

function evaluate(source: string): unknown {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  if (!compiled.ok) return `${compiled.error.stage} ${compiled.error.code}: ${compiled.error.message}`;
  const result = compiled.program.evaluate(variables);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

describe('evaluate', () => {
  it.each<[string, unknown]>([
    ["body.action == 'opened'", true],
    ['body.number == 7', true],
    ['body.number == 7u', true],
    ['body.number + 1', 'NoSuchOverload: no such overload'],
    ['body.number + 1.0', 8],
    ['1 + 2 * 3', 7n],
    ['7 / 2 * 2 + 7 % 2', 7n],
    ['-7 / 2', -3n],
    ['1 / 0', 'DivisionByZero: division by zero'],
    ['1 % 0', 'DivisionByZero: modulus by zero'],
    ['9223372036854775807 + 1', 'Overflow: integer overflow'],
    ['0u - 1u', 'Overflow: unsigned integer overflow'],
    ['2u * 3u', new Uint(6n)],
    ['1.0 / 0.0', Number.POSITIVE_INFINITY],
    ['size(body.text)', 3n],
    ['body.text.charAt(1)', '😀'],
    ["body.text.indexOf('b')", 2n],
    ['body.list[1]', 'y'],
    ['body.list[1.0]', 'y'],
    ['body.list[0.5]', 'InvalidArgument: unsupported index value 0.5 in list'],
    ['body.list[-1]', 'IndexOutOfBounds: index out of bounds: -1'],
    ['body.list.x', "InvalidArgument: unsupported index type 'string' in list"],
    ['body.nothing', null],
    ['body.nothing == null', true],
    ["'nothing' in body", true],
    ["'x' in body.list", true],
    ["body.action in ['opened', 'closed']", true],
    ["body.number in ['7']", false],
    ['{1: "a", 2u: "b"}[2.0]', 'b'],
    ["{'a': 1, 'a': 2}", 'InvalidArgument: Failed with repeated key: a'],
    ['body.draft ? 1 : 2', 2n],
    ['body.action ? 1 : 2', 'NoSuchOverload: no such overload'],
    ["body.list.map(x, x + '!')", ['x!', 'y!']],
    ['[1, 2, 3].filter(x, x > 1).map(x, x * x)', [4n, 9n]],
    [
      '[1, 2, 3].map(x, [10, 20].map(y, x * y))',
      [
        [10n, 20n],
        [20n, 40n],
        [30n, 60n],
      ],
    ],
    ['[3, 1, 2].sortBy(x, -x)', [3n, 2n, 1n]],
    ["'\\U0001F600' > '\\uFFFF'", true],
    ["int('x')", "program InvalidArgument: type conversion error from 'string' to 'int'"],
    ["false ? int(string('')) : 1", "program InvalidArgument: type conversion error from 'string' to 'int'"],
    ['uint(-1)', 'program Overflow: unsigned integer overflow'],
    ["timestamp('2024-01-01t00:00:00z')", "program InvalidArgument: type conversion error from 'string' to 'google.protobuf.Timestamp'"],
    ["timestamp('2024-01-01T1:00:00Z') == timestamp('2024-01-01T01:00:00Z')", true],
    [
      "timestamp('2024-01-01T01:00:00+25:00')",
      "program InvalidArgument: type conversion error from 'string' to 'google.protobuf.Timestamp'",
    ],
    ["duration('9223372037s')", "program InvalidArgument: type conversion error from 'string' to 'google.protobuf.Duration'"],
    ["string(duration('9223372036.854775807s'))", '9223372036.854776s'],
    ["string(duration('-1ns'))", '-0.000000001s'],
    ["double('-nan')", "program InvalidArgument: type conversion error from 'string' to 'double'"],
    ['0.0 / 0.0 < 1.0', 'InvalidArgument: NaN values cannot be ordered'],
    ['math.greatest(1.0, 0.0 / 0.0)', 'InvalidArgument: NaN values cannot be ordered: math.@max'],
    ['math.least(dyn(1), dyn("a"))', 'NoSuchOverload: no such overload: math.@min'],
    ['1.0 / math.sign(-0.0)', Number.POSITIVE_INFINITY],
    ["['a', 1].join()", 'InvalidArgument: join: invalid input: 1'],
    ["' \\u00a0\\u0085\\ufeffa '.trim()".replaceAll('\\\\', '\\'), '\ufeffa'],
    ["'a'.matches('[')", 'program InvalidArgument: error parsing regexp: missing closing ]: `[`'],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['body.missing', 'NoSuchKey: no such key: missing'],
    ["body.missing == 'x' || true", true],
    ["true || body.missing == 'x'", true],
    ["body.missing == 'x' && false", false],
    ["body.missing == 'x' && true", 'NoSuchKey: no such key: missing'],
    ["body.missing == 'x' && body.other == 'y'", 'NoSuchKey: no such key: missing'],
    ['body.action && false', false],
    ['body.action && true', 'NoSuchOverload: no such overload'],
    ['[1, 0].exists(x, 1 / x == 1)', true],
    ['[0, 1].exists(x, 1 / x == 1)', true],
    ['[0, 2].exists(x, 1 / x == 1)', 'DivisionByZero: division by zero'],
    ['[0, 2].all(x, 1 / x == 1)', false],
    ['[0].exists_one(x, 1 / x == 1)', 'DivisionByZero: division by zero'],
  ])('errors and %s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['has(body.nothing)', true],
    ['has(body.missing)', false],
    ['has(body.missing.x)', 'NoSuchKey: no such key: missing'],
    ['has(body.action.x)', false],
    ['has(body.nothing.x)', false],
    ['has(body.list.x)', "InvalidArgument: unsupported index type 'string' in list"],
    ['has(body.nested.key)', true],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['body.__proto__.polluted', true],
    ['body.constructor', 'builder'],
    ['body.toString', 1],
    ['body.hasOwnProperty', 'NoSuchKey: no such key: hasOwnProperty'],
    ['has(body.nested.constructor)', false],
    ["'__proto__' in body.nested", false],
    ["body.list[{'valueOf': 1, 'toString': 2}]", "InvalidArgument: unsupported index type 'map' in list"],
    ['body.list[body]', "InvalidArgument: unsupported index type 'map' in list"],
    ['body.list.length', "InvalidArgument: unsupported index type 'string' in list"],
    ["{'__proto__': 1}.__proto__", 1n],
    ["{'__proto__': 1}.marshalJSON()", '{"__proto__":1}'],
    ['body.marshalJSON().parseJSON().__proto__.polluted', true],
  ])('keys are just keys: %s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it('says where an evaluation failed', () => {
    const compiled = compileCel("true &&\n body.a.b == 'x'", tektonTriggersEnvironment);
    const result = compiled.ok ? compiled.program.evaluate({ ...variables, body: {} }) : compiled;
    expect(result).toEqual({
      ok: false,
      error: {
        stage: 'evaluate',
        code: 'NoSuchKey',
        message: 'no such key: a',
        offset: 13,
        line: 2,
        column: 6,
        issues: [{ code: 'NoSuchKey', message: 'no such key: a', offset: 13, line: 2, column: 6 }],
      },
    });
  });

  it('does not see inherited variables', () => {
    const compiled = compileCel('body', tektonTriggersEnvironment);
    const result = compiled.ok ? compiled.program.evaluate(Object.create(variables) as CelObject) : compiled;
    expect(result).toMatchObject({ ok: false, error: { code: 'NoSuchAttribute', message: 'no such attribute(s): body' } });
  });
});
