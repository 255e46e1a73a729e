import { describe, expect, it } from 'vitest';
import { findCommand } from './find-command.ts';

const known = [
  { name: 'test', takesWords: false },
  { name: 'cancel', takesWords: false },
  { name: 'deploy', takesWords: true },
];

const line = (comment: string): string | undefined => {
  const result = findCommand(comment, known);
  return result.found ? result.command.line : undefined;
};

describe('a command', () => {
  it.each<[string, string, string | undefined]>([
    ['alone', '/test', '/test'],
    ['with spaces and tabs at the end', '/test \t ', '/test'],
    ['among lines', 'Nice.\n\n/test\nThanks', '/test'],
    ['with Windows line ends', 'Nice.\r\n/test\r\nThanks', '/test'],
    ['with old line ends', 'Nice.\r/test\rThanks', '/test'],
    ['the first of several', '/cancel\n/test', '/cancel'],
    ['unknown ones before it', '/nothing\n/test', '/test'],
    ['behind a near miss', '/test now\n/cancel', '/cancel'],
    ['with words', '/deploy  to\tprod  ', '/deploy  to\tprod'],

    ['nothing', '', undefined],
    ['prose', 'please /test this', undefined],
    ['indented', ' /test', undefined],
    ['indented as code', '    /test', undefined],
    ['quoted', '> /test', undefined],
    ['quoted without a space', '>/test', undefined],
    ['in a list', '- /test', undefined],
    ['bold', '**/test**', undefined],
    ['in inline code', '`/test`', undefined],
    ['words behind one that takes none', '/test now', undefined],
    ['a longer name', '/tester', undefined],
    ['two names', '/test/cancel', undefined],
    ['another case', '/Test', undefined],
    ['two slashes', '//test', undefined],
    ['a space behind the slash', '/ test', undefined],
    ['a full stop', '/test.', undefined],
    ['a no-break space behind', '/test\u00a0', undefined],
    ['a no-break space between', '/deploy\u00a0prod', undefined],
    ['an ideographic space before', '\u3000/test', undefined],
    ['a zero-width space behind', '/test\u200b', undefined],
    ['a byte order mark before', '\ufeff/test', undefined],
    ['a line separator of Unicode', 'x\u2028/test', undefined],
    ['a paragraph separator of Unicode', 'x\u2029/test', undefined],
    ['a next line of Latin-1', 'x\u0085/test', undefined],
    ['a form feed', 'x\f/test', undefined],
    ['a slash that only looks like one', '\u2215test', undefined],
    ['letters that only look like some', '/t\u0435st', undefined],
    ['a null character', '/test\0', undefined],
    ['names of the prototype', '/constructor\n/__proto__\n/toString', undefined],
    ['a line too long', `/deploy ${'x'.repeat(1_000)}`, undefined],
  ])('%s: %j', (_, comment, expected) => {
    expect(line(comment)).toBe(expected);
  });

  it.each<[string, string, string | undefined]>([
    ['a fence', '```\n/test\n```', undefined],
    ['a fence, and behind it', '```\n/test\n```\n/cancel', '/cancel'],
    ['a fence with a language', '```sh\n/test\n```', undefined],
    ['tildes', '~~~\n/test\n~~~', undefined],
    ['tildes do not end backticks', '```\n~~~\n/test\n```\n/cancel', '/cancel'],
    ['a longer fence', '````\n```\n/test\n````\n/cancel', '/cancel'],
    ['an end longer than the beginning', '```\nx\n`````\n/test', '/test'],
    ['an end with words is none', '```\n``` sh\n/test\n```', undefined],
    ['an end indented as code is none', '```\n    ```\n/test', undefined],
    ['a fence never closed', '```\n/test', undefined],
    ['a fence in a list', '- ```\n  x\n  ```\n\n/test', '/test'],
    ['a fence in a numbered list', '1. ~~~\n   /test\n/test\n   ~~~\n', undefined],
    ['an indented fence', '   ```\n/test\n   ```', undefined],
    ['a fence indented as code is none', '    ```\n/test', '/test'],
    ['backticks within a line are no fence', '``` x ``` y\n/test', '/test'],
    ['two backticks are no fence', '``\n/test\n``', '/test'],
    ['a fence in a quote does not reach out of it', '> ```\n> x\n\n/test', '/test'],
    ['an HTML comment', '<!--\n/test\n-->', undefined],
    ['an HTML comment, and behind it', '<!-- hint\n/test\n-->\n/cancel', '/cancel'],
    ['an HTML comment within a line', 'a <!-- b --> c\n/test', '/test'],
    ['an HTML comment that begins in a line', 'a <!--\n/test\n--> b', undefined],
    ['an HTML comment never closed', '<!--\n/test', undefined],
    ['another HTML comment in the same line', '<!-- a --> <!--\n/test\n-->', undefined],
    ['preformatted HTML', '<pre>\n/test\n</pre>\n/cancel', '/cancel'],
    ['preformatted HTML in a line', '<pre>x</pre>\n/test', '/test'],
    ['preformatted HTML with attributes', '<PRE lang="sh">\n/test\n</PRE>', undefined],
    ['other HTML', '<details>\n\n/test\n\n</details>', '/test'],
  ])('in %s: %j', (_, comment, expected) => {
    expect(line(comment)).toBe(expected);
  });

  it('comes with its words', () => {
    expect(findCommand('/deploy  to \t prod ', known)).toEqual({
      found: true,
      command: { command: known[2], line: '/deploy  to \t prod', text: 'to \t prod', args: ['to', 'prod'] },
    });
    expect(findCommand('/test', known)).toMatchObject({ command: { text: '', args: [] } });
  });

  it.each([
    ['nothing', 'no command in the comment'],
    ['/test now', 'no command in the comment: "/test now" has words behind /test, which takes none'],
    ['```\n/test\n```', 'no command in the comment: "/test" stands in a code block'],
    ['<!--\n/test', 'no command in the comment: "/test" stands in an HTML comment'],
    ['<pre>\n/test', 'no command in the comment: "/test" stands in an HTML block'],
  ])('that is none says why: %j', (comment, reason) => {
    expect(findCommand(comment, known)).toEqual({ found: false, reason });
  });

  it.each([
    ['lines', '/tes\n'.repeat(200_000)],
    ['spaces', `/deploy${' '.repeat(1_000_000)}`],
    ['list marks', '- '.repeat(500_000)],
    ['backticks', '`'.repeat(1_000_000)],
    ['openings', '<!-- '.repeat(200_000)],
    ['fences', '```\n'.repeat(250_001)],
  ])(
    'is looked for in time that grows with the length of the comment: %s',
    (_, comment) => {
      expect(() => findCommand(comment, known)).not.toThrow();
    },
    2_000,
  );
});
