import { describe, expect, it } from 'vitest';
import { defaultLimits } from './limits.ts';
import { parse } from './parser.ts';

const STARTS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function issues(source: string): readonly string[] {
  const result = parse(source, defaultLimits, { escapedFields: false });
  if (result.ok) return [];
  const sorted = [...result.issues].sort((a, b) => a.offset - b.offset);
  return sorted.map(({ offset, message }) => `${offset}: ${message.replace('Syntax error: ', '').replace(STARTS, '…')}`);
}

/** What a parser that ANTLR makes of cel-go's grammar reports, and in which places it goes on. */
describe('syntax errors', () => {
  it.each([
    ['', ["0: mismatched input '<EOF>' expecting …"]],
    ['(a', ["2: missing ')' at '<EOF>'"]],
    ['(a b', ["3: mismatched input 'b' expecting ')'"]],
    ['a)', ["1: extraneous input ')' expecting <EOF>"]],
    ['f(a,)', ["4: mismatched input ')' expecting …"]],
    ['f(a b)', ["4: extraneous input 'b' expecting ')'"]],
    ['[1 2]', ["3: extraneous input '2' expecting {']', ','}"]],
    ['[1,, 2]', ["3: mismatched input ',' expecting ']'"]],
    ['{1 2}', ["3: missing ':' at '2'"]],
    ['{1: 2 3}', ["6: extraneous input '3' expecting {'}', ','}"]],
    ['a ? b 1', ["6: missing ':' at '1'"]],
    ['a ? : 1', ["4: extraneous input ':' expecting …", "7: mismatched input '<EOF>' expecting ':'"]],
    ['a.', ["2: no viable alternative at input '.'"]],
    ['a.true', ["2: mismatched input 'true' expecting IDENTIFIER"]],
    ['. in', ["2: no viable alternative at input '. in'", "4: mismatched input '<EOF>' expecting …"]],
    [
      '- in',
      ["2: no viable alternative at input '- in'", "2: mismatched input 'in' expecting …", "4: mismatched input '<EOF>' expecting …"],
    ],
    ['!)', ["1: extraneous input ')' expecting …"]],
    ['--!a', ["2: no viable alternative at input '-!'"]],
    ['!-a', ["2: no viable alternative at input '-a'"]],
    ['a.b{1: 2}', ["4: mismatched input '1' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"]],
    ['a.b{c: 1 d: 2}', ["9: mismatched input 'd' expecting {'}', ','}"]],
    ['((a) ? (b : c)', ["10: missing ')' at ':'"]],
    ["'a", ["0: token recognition error at: ''a'", "2: mismatched input '<EOF>' expecting …"]],
    ['"a\nb"', ["0: token recognition error at: '\"a\\n'", "4: token recognition error at: '\"'"]],
    ["'''a", ["2: token recognition error at: ''a'"]],
    ['`$`', ["0: token recognition error at: '`$'", "2: token recognition error at: '`'", "3: mismatched input '<EOF>' expecting …"]],
    [
      '( { { as true [1, 2u ) .',
      [
        '6: reserved identifier: as',
        "9: missing ':' at 'true'",
        "16: missing ']' at ','",
        "21: mismatched input ')' expecting ':'",
        "24: no viable alternative at input '.'",
      ],
    ],
    ['a.b.`c`.d', ["4: unsupported syntax: '`'"]],
  ])('%j', (source, expected) => {
    expect(issues(source)).toEqual(expected);
  });

  it('end after thirty attempts to go on', () => {
    const found = issues('(a b 1) + '.repeat(40));
    expect(found.at(-1)).toMatch(/: error recovery attempt limit exceeded: 30$/);
    expect(found).toHaveLength(16);
  });

  it('end where too much would be skipped', () => {
    expect(issues(`a ${'b '.repeat(300)}`)).toEqual([
      "2: mismatched input 'b' expecting <EOF>",
      '514: error recovery token lookahead limit exceeded: 256',
    ]);
  });

  it('are a hundred at most', () => {
    expect(issues('#'.repeat(1000))).toHaveLength(101);
  });
});
