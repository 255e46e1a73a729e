import { describe, expect, it } from 'vitest';
import { type CelNode, childrenOf } from './ast.ts';
import { defaultLimits } from './limits.ts';
import { parse } from './parser.ts';

function parsed(source: string): CelNode {
  const result = parse(source, defaultLimits, { escapedFields: false });
  if (!result.ok) throw new Error(result.issues[0].message);
  return result.ast;
}

function issues(source: string): readonly string[] {
  const result = parse(source, defaultLimits, { escapedFields: false });
  return result.ok ? [] : result.issues.map((issue) => `${issue.offset}: ${issue.message}`);
}

/** Fully parenthesised. */
function shape(node: CelNode): string {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? `'${node.value}'` : String(node.value);
    case 'ident':
      return node.name;
    case 'select':
      return node.test ? `has(${shape(node.operand)}.${node.field})` : `${shape(node.operand)}.${node.field}`;
    case 'comprehension':
      return `${node.macro}<${node.variable}>(${childrenOf(node).map(shape).join(', ')})`;
    default:
      return `${node.kind === 'call' ? node.name : node.kind}(${childrenOf(node).map(shape).join(', ')})`;
  }
}

const STARTS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

describe('parse', () => {
  it.each([
    ['1 + 2 * 3 - 4', '_-_(_+_(1, _*_(2, 3)), 4)'],
    ['a || b && c || d', '_||_(a, _&&_(b, c), d)'],
    ['a ? b : c ? d : e', '_?_:_(a, b, _?_:_(c, d, e))'],
    ['!a.b', '!_(a.b)'],
    ['!!a', 'a'],
    ['---1', '-_(1)'],
    ['--1', '1'],
    ['-a', '-_(a)'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['x in [1] == true', '_==_(@in(x, list(1)), true)'],
    ['a.b["c"].d(e)', "d(_[_](a.b, 'c').d, e)".replace('.d, e', ', e')],
    ['has(a.b)', 'has(a.b)'],
    ['l.map(x, x > 1, x * 2)', 'map<x>(l, _>_(x, 1), _*_(x, 2))'],
    ['l.exists_one(x, x)', 'exists_one<x>(l, x)'],
    ['l.all(x)', 'all(l, x)'],
    ['{"a": 1, 2: b,}', "map('a', 1, 2, b)"],
    ['a.b.C{d: 1}', 'message(1)'],
    ['.a.b', '.a.b'],
    ['1 // a comment', '1'],
    ["r'\\d' + '\\x41\\u00e9\\101'", "_+_('\\d', 'AéA')"],
    ["'''a\nb'''", "'a\nb'"],
  ])('%s', (source, expected) => {
    expect(shape(parsed(source))).toBe(expected);
  });

  it.each([
    ['body.a = 1', ["7: Syntax error: token recognition error at: '= '", "9: Syntax error: extraneous input '1' expecting <EOF>"]],
    [
      'body.in == 1',
      ["5: Syntax error: no viable alternative at input '.in'", `8: Syntax error: extraneous input '==' expecting ${STARTS}`],
    ],
    ['has(a)', ['4: invalid argument to has() macro']],
    ['l.map(a.b, 1)', ['7: argument is not an identifier']],
    ['l.all(1, true)', ['6: argument must be a simple name']],
    ['l.map(__result__, 1)', ['6: iteration variable overwrites accumulator variable']],
    ['package', ['0: reserved identifier: package']],
    ['9223372036854775808', ['0: invalid int literal']],
    ['--9223372036854775808', ['2: invalid int literal']],
    ["'\\ud800'", ['0: invalid unicode code point']],
    ['a.?b', ["1: unsupported syntax '.?'"]],
    ['math.greatest()', ['13: math.greatest() requires at least one argument']],
  ])('refuses %s', (source, expected) => {
    expect(issues(source)).toEqual(expected);
  });

  it('knows the range of every node', () => {
    const source = " (body.a == 'x')&&l.exists(v, v[0] > 1.5) ";
    const texts: string[] = [];
    const visit = (node: CelNode): void => {
      texts.push(source.slice(node.start, node.end));
      for (const child of childrenOf(node)) visit(child);
    };
    visit(parsed(source));
    expect(texts).toEqual([
      "body.a == 'x')&&l.exists(v, v[0] > 1.5)",
      "body.a == 'x'",
      'body.a',
      'body',
      "'x'",
      'l.exists(v, v[0] > 1.5)',
      'l',
      'v[0] > 1.5',
      'v[0]',
      'v',
      '0',
      '1.5',
    ]);
  });

  it.each([
    ['parentheses', '('.repeat(50_000)],
    ['balanced parentheses', `${'('.repeat(2000)}1${')'.repeat(2000)}`],
    ['lists', '['.repeat(50_000)],
    ['sums', '1+'.repeat(20_000)],
    ['selections', `a${'.a'.repeat(20_000)}`],
    ['indexes', `a${'[0]'.repeat(20_000)}`],
    ['conditionals', 'a?a:'.repeat(20_000)],
    ['calls', 'f('.repeat(20_000)],
    ['members', `a${'.f()'.repeat(20_000)}`],
    ['maps', '{1:'.repeat(20_000)],
  ])('bounds the depth of %s', (_name, source) => {
    const result = parse(source, defaultLimits, { escapedFields: false });
    expect(result.ok ? 'ok' : result.issues.map((issue) => [issue.code, issue.message])).toEqual([
      ['LimitExceeded', 'expression recursion limit exceeded: 250'],
    ]);
  });

  it.each([
    ['!', `${'!'.repeat(50_001)}true`, 2],
    ['-', `${'-'.repeat(50_001)}a`, 2],
    ['&&', `true${' && true'.repeat(10_000)}`, 2],
    ['||', `true${' || true'.repeat(10_000)}`, 2],
  ])('keeps chains of %s flat', (_name, source, depth) => {
    expect(parsed(source).depth).toBe(depth);
  });

  it('refuses a source that is too long', () => {
    expect(issues(' '.repeat(100_001))).toEqual(['0: expression code point size exceeds limit: size: 100001, limit 100000']);
  });
});
