import { describe, expect, it } from 'vitest';
import { compileCel } from '../../expressions/cel/compile-cel.ts';
import { tektonTriggersEnvironment } from '../../expressions/cel/tekton/environment.ts';
import { filterConditions } from './filter-conditions.ts';

/** `place is one of values`, for each condition read out of a filter. */
function conditions(filter: string): readonly string[] {
  const compiled = compileCel(filter, tektonTriggersEnvironment);
  if (!compiled.ok) throw new Error(`${filter} does not compile`);
  return filterConditions(compiled.program.ast).map(({ root, path, values }) => `${root}.${path.join('.')} ${JSON.stringify(values)}`);
}

describe('what a filter cannot be true without', () => {
  it.each<[string, readonly string[]]>([
    ["body.action == 'opened'", ['body.action ["opened"]']],
    ["'opened' == body.action", ['body.action ["opened"]']],
    ["body.action in ['opened', 'closed']", ['body.action ["opened","closed"]']],
    ["body.a['b'].c == 1", ['body.a.b.c [1]']],
    ["header.match('x-github-event', 'push')", ['header.X-Github-Event ["push"]']],
    ["header.canonical('X-A') == '1'", ['header.X-A ["1"]']],
    ["header['X-A'][0] == '1'", ['header.X-A ["1"]']],
    ["body.a == 'x' && (body.b == 'y' && body.c == 'z')", ['body.a ["x"]', 'body.b ["y"]', 'body.c ["z"]']],
    ["body.a == 'x' || body.a == 'y'", ['body.a ["x","y"]']],
    ["(body.a == 'x' && body.b == 'y') || body.a in ['z']", ['body.a ["x","z"]']],
    ["body.a == 'x' || body.b == 'y'", []],
    ["body.a == 'x' || true", []],
    ["!(body.a == 'x')", []],
    ["body.a != 'x'", []],
    ["body.a == 'x' ? true : false", []],
    ["body.list[0] == 'x'", []],
    ["extensions.a == 'x'", []],
    ["body.a in ['x', body.b]", []],
    ["body.a.startsWith('x')", []],
  ])('%s', (filter, expected) => {
    expect(conditions(filter)).toEqual(expected);
  });
});
