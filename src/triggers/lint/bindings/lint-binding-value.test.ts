import { describe, expect, it } from 'vitest';
import { lintBindingValue } from './lint-binding-value.ts';

function lint(value: string) {
  return lintBindingValue(value, 'p').findings.map(({ severity, code, message, suggestion, excerpt }) => ({
    severity,
    code,
    message,
    suggestion,
    part: excerpt && value.slice(excerpt.offset, excerpt.offset + excerpt.length),
  }));
}

describe('lintBindingValue', () => {
  it.each([
    '',
    'static text: $5 (five) {x}',
    '$(body.a)',
    '$(body)',
    '$(.body.a)',
    '$({.body.a})',
    '$(body.a)-$(header.x-github-event) $(context.eventID)',
    "$(header['X-Github-Event'])",
    '$(header)',
    '$(extensions.a.b)',
    "$(body['a\\.b'])",
    '$(body.a\\.b\\ c)',
    '$(body.a[0].b[-1:].c[*])',
    "$(body.a[?(@.n=='x')].m)",
    '$(body.a[?(@.n==1.0)].m)',
    '$(body.a[?(@.n)].m)',
    "$(body['a','b'])",
    '$(body..n)',
    '$(Body.a)$(context.EventID)',
    'a $ sign',
    'ends in $',
  ])('has nothing to say about %j', (value) => {
    expect(lint(value)).toEqual([]);
  });

  it.each([
    ['$(bdy.a)', 'bdy.a', 'a path begins with body, header, extensions or context: $(bdy.a) fails for every event', '$(body.a)'],
    ['x $($.body.a)', '$.body.a', 'a path begins with body, header, extensions or context: $($.body.a) fails for every event', '$(body.a)'],
    ['$( body.a)', ' body.a', 'a path begins with body, header, extensions or context: $( body.a) fails for every event', '$(body.a)'],
    [
      '$(headers.X)',
      'headers.X',
      'a path begins with body, header, extensions or context: $(headers.X) fails for every event',
      '$(header.X)',
    ],
    [
      '$(tt.params.x)',
      'tt.params.x',
      '$(tt.params.x) fails for every event: a binding sees body, header, extensions and context, no variables of templates or runs',
      undefined,
    ],
    [
      'a $(params.x)',
      'params.x',
      '$(params.x) fails for every event: a binding sees body, header, extensions and context, no variables of templates or runs',
      undefined,
    ],
    ['$(body.a b)', 'body.a b', 'a path has no words between blanks: "b" fails for every event', '$(body.a\\ b)'],
    [
      "$(header['x-github-event'])",
      "header['x-github-event']",
      'in brackets the name of a header must be written as it is kept',
      "$(header['X-Github-Event'])",
    ],
    [
      "$(header['X-Foo'][1])",
      "header['X-Foo'][1]",
      'a header is one text, all its values joined by commas: there is nothing below it',
      '$(header.X-Foo)',
    ],
    ['$(context.eventId)', 'context.eventId', 'the context has the eventID and nothing else', '$(context.eventID)'],
  ])('%s is never found', (value, part, message, suggestion) => {
    expect(lint(value)).toEqual([{ severity: 'error', code: 'path-never-found', message, suggestion, part }]);
  });

  it.each([
    [
      '$(body.a[?(@.n==1)].m)',
      'numbers of an event are doubles, which do not compare with the integer 1: the filter fails for every element',
      '1.0',
    ],
    [
      '$(body.a[?(2<@.n)].m)',
      'numbers of an event are doubles, which do not compare with the integer 2: the filter fails for every element',
      '2.0',
    ],
    ["$(body.a[?(@.n='x')].m)", 'a filter has no operator =: it fails for every element', '=='],
  ])('%s: a filter that fails', (value, message, suggestion) => {
    expect(lint(value)).toMatchObject([{ severity: 'error', code: 'path-filter', message, suggestion }]);
  });

  it.each([
    ['$(body.a[)', '[', 'not a JSONPath: unterminated array'],
    ['go $(body.a["x"])', '["x"]', 'not a JSONPath: invalid array index "x"'],
    ['$(body.a[?(@.n==1.0))', '[?(@.n==1.0)', 'not a JSONPath: unclosed array expect ]'],
    ['$(body..*)', '*', "not a JSONPath: unrecognized character in action: U+002A '*'"],
    [
      '$({body}{a})',
      '{body}{a}',
      "not a JSONPath: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    ],
  ])('%s: syntax, with its place', (value, part, message) => {
    expect(lint(value)).toEqual([{ severity: 'error', code: 'path-syntax', message, suggestion: undefined, part }]);
  });

  it.each([
    ["$(body['a.b'])", 'path-key', "['a.b']", "['a.b'] means .a.b: a dot in a key needs a backslash", "['a\\.b']"],
    ['$(body.a', 'binding-text', '$(', 'this $( is never closed, and taken as text', undefined],
    ['x $($(body.a))', 'binding-text', '$(', 'this $( is taken as text: of nested expressions only the innermost is replaced', undefined],
    ['$$(body.a)', 'binding-text', '$$(', '$$( is no escape: this is a $ with the value behind it', undefined],
    ['a$()', 'binding-text', '$()', '$() is empty text', undefined],
  ])('%s: %s', (value, code, part, message, suggestion) => {
    expect(lint(value)).toEqual([{ severity: 'warning', code, message, suggestion, part }]);
  });

  it('looks into every expression of a value', () => {
    expect(lint('$(bdy.a) and $(body.b) and $(hedder.c)').map(({ part }) => part)).toEqual(['bdy.a', 'hedder.c']);
  });
});
