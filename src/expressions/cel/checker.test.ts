import { describe, expect, it } from 'vitest';
import { compileCel } from './compile-cel.ts';
import { createEnvironment } from './environment.ts';
import { renderIssues } from './error.ts';
import { standardLibrary } from './library/standard.ts';
import { tektonTriggersEnvironment } from './tekton/environment.ts';

function problems(source: string): readonly string[] {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  return compiled.ok ? [] : compiled.error.issues.map((issue) => `${issue.line}:${issue.column} ${issue.message}`);
}

describe('check', () => {
  it.each([
    ['now()', ["1:4 undeclared reference to 'now' (in container '')"]],
    ['a && b', ["1:1 undeclared reference to 'a' (in container '')", "1:6 undeclared reference to 'b' (in container '')"]],
    ['1 == 1.0', ["1:3 found no matching overload for '_==_' applied to '(int, double)'"]],
    ['body == null', ["1:6 found no matching overload for '_==_' applied to '(map(string, dyn), null)'"]],
    ["'a'.contains(1)", ["1:13 found no matching overload for 'contains' applied to 'string.(int)'"]],
    ["requestURL.x == 'y'", ["1:11 type 'string' does not support field selection"]],
    ['true && 1', ["1:9 expected type 'bool' but found 'int'"]],
    ['[1].all(x, x)', ["1:12 expected type 'bool' but found 'int'"]],
    ['requestURL.all(x, true)', ["1:1 expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)"]],
    ['google.protobuf.Duration{seconds: 1u}', ["1:33 expected type of field 'seconds' is 'int' but provided type is 'uint'"]],
    ['google.protobuf.Duration{hours: 1}', ["1:31 undefined field 'hours'"]],
    ["-duration('1h')", ["1:1 found no matching overload for '-_' applied to '(duration)'"]],
    ["-dyn(duration('1h'))", []],
    ['[[1]].sort()', ["1:11 found no matching overload for 'sort' applied to 'list(list(int)).()'"]],
    ['[1].sortBy(x, [x])', ["1:11 found no matching overload for '@sortByAssociatedKeys' applied to 'list(int).(list(list(int)))'"]],
    [
      'requestURL.map(x, x) + a',
      [
        "1:1 expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)",
        "1:24 undeclared reference to 'a' (in container '')",
      ],
    ],
    [
      "a - 'b'",
      ["1:1 undeclared reference to 'a' (in container '')", "1:3 found no matching overload for '_-_' applied to '(!error!, string)'"],
    ],
    ['nope(a)', ["1:5 undeclared reference to 'nope' (in container '')", "1:6 undeclared reference to 'a' (in container '')"]],
    ['nope{a: b}', ["1:5 undeclared reference to 'nope' (in container '')"]],
    ["[1].map(x, x, 'a')", ["1:8 found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'"]],
    ['int{a: 1}', ["1:4 'int' is not a message type", "1:6 unexpected failed resolution of 'int'"]],
    ['int{}', ["1:4 'int' is not a message type"]],
    ["[1, 'a', 2.0][0] + 1", []],
    ['body.a + 1 == body.b', []],
    ['dyn(1) == 1.0', []],
    ["[] == ['a']", []],
    ['{}.a', []],
  ])('%s', (source, expected) => {
    expect(problems(source)).toEqual(expected);
  });

  it.each([
    ['body.a', 'dyn'],
    ['[1, 2]', 'list(int)'],
    ["[1, 'a']", 'list(dyn)'],
    ["{'a': 1u}", 'map(string, uint)'],
    ['[]', 'list(dyn)'],
    ['[[1], []]', 'list(list(int))'],
    ['header.map(k, k.size())', 'list(int)'],
    ['body.a ? 1 : body.b', 'dyn'],
    ['type(1)', 'type(int)'],
    ['[1].sortBy(x, -x)', 'list(int)'],
    ['math.greatest(1, 2.0)', 'dyn'],
    ['timestamp(body.t) - timestamp(body.u)', 'duration'],
  ])('%s is of type %s', (source, expected) => {
    const compiled = compileCel(source, tektonTriggersEnvironment);
    expect(compiled.ok ? compiled.program.resultType : compiled.error.message).toBe(expected);
  });

  it('resolves qualified names, innermost container first', () => {
    const environment = createEnvironment({
      variables: { 'a.b.x': 'int', 'a.x': 'string', x: 'bool' },
      libraries: [standardLibrary],
      container: 'a.b',
    });
    const types = ['x', 'a.x', '.x', '[1.5].map(x, x)[0]'].map((source) => {
      const compiled = compileCel(source, environment);
      return compiled.ok ? compiled.program.resultType : compiled.error.message;
    });
    expect(types).toEqual(['int', 'string', 'bool', 'double']);
  });

  it('renders issues with the line and a caret', () => {
    const source = "true &&\n\t'é' == a";
    const compiled = compileCel(source, tektonTriggersEnvironment);
    expect(compiled.ok ? '' : renderIssues(source, compiled.error)).toBe(
      "ERROR: <input>:2:9: undeclared reference to 'a' (in container '')\n |  'é' == a\n | ..．.....^",
    );
  });
});
