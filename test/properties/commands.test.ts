import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCommand } from '../../src/triggers/commands/find-command.ts';

const known = [
  { name: 'test', takesWords: false },
  { name: 'ok-to-test', takesWords: true },
];

/** Said another way than the code says it. */
const exactLine = /^(?:\/test|\/ok-to-test(?:[ \t]+[^ \t\n\r][^\n\r]*)?)[ \t]*$/;

/** Pieces of which comments come close to commands. */
const piece = fc.oneof(
  fc.constantFrom('/', 'test', 'ok-to-test', '/test', '/ok-to-test', ' ', '\t', '\n', '\r\n', '\r', '> ', '- ', '```', '~~~', '`', '    '),
  fc.constantFrom('<!--', '-->', '<pre>', '</pre>', '\u00a0', '\u2028', '\u200b', '\ufeff', '\0', '$(x)', 'deadbeef'),
  fc.string({ maxLength: 3, unit: 'binary' }),
);
const comment = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('commands in comments', () => {
  it('are whole lines of the comment, to the letter; without such a line there are none', () => {
    fc.assert(
      fc.property(comment, (text) => {
        const lines = text.split(/\r\n|\n|\r/);
        const result = findCommand(text, known);
        if (!result.found) return;
        const { line, command, args } = result.command;
        expect(lines.map((each) => each.replace(/[ \t]+$/, ''))).toContain(line);
        expect(line).toMatch(exactLine);
        expect(line.split(/[ \t]+/)).toEqual([`/${command.name}`, ...args]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('are found wherever a whole line stands free', () => {
    const plain = fc.array(fc.constantFrom('fine', '', 'a /test b', '> /test', '\u00a0/test', '/tester', '# title', 'x --> y'), {
      maxLength: 6,
    });
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(plain, plain, end, fc.constantFrom('', ' ', '\t '), (before, after, newline, space) => {
        const text = [...before, `/test${space}`, ...after].join(newline);
        expect(findCommand(text, known)).toMatchObject({ found: true, command: { line: '/test' } });
      }),
    );
  });

  it('are none within a block of code', () => {
    const fence = fc.tuple(fc.constantFrom('`', '~'), fc.integer({ min: 3, max: 6 })).map(([mark, count]) => mark.repeat(count));
    const inner = fc.array(fc.constantFrom('/test', '/ok-to-test abc', 'x', '``', '~~', '    ```', '``` x', '- ```'), { maxLength: 8 });
    fc.assert(
      fc.property(fence, inner, (marks, lines) => {
        expect(findCommand([marks, ...lines, marks].join('\n'), known).found).toBe(false);
      }),
    );
  });
});
