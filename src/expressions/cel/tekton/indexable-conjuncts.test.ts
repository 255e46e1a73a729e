import { describe, expect, it } from 'vitest';
import { compileCel } from '../compile-cel.ts';
import { tektonTriggersEnvironment } from './environment.ts';
import { type IndexableConjunct, indexableConjuncts } from './indexable-conjuncts.ts';

function conjuncts(source: string): readonly IndexableConjunct[] {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return indexableConjuncts(compiled.program.ast);
}

const path = (text: string, values: string[], guarded = false): IndexableConjunct => ({
  kind: 'path',
  path: text.split('.'),
  values,
  guarded,
});
const header = (name: string, ...values: string[]): IndexableConjunct => ({ kind: 'header', name, values });

describe('indexableConjuncts', () => {
  it.each<[string, readonly IndexableConjunct[]]>([
    ["body.action == 'opened'", [path('body.action', ['opened'])]],
    ["'opened' == body['action']", [path('body.action', ['opened'])]],
    ["body.x.y == 'a' && (body.z == 'b' && true)", [path('body.x.y', ['a']), path('body.z', ['b'])]],
    ["body.action in ['a', 'b']", [path('body.action', ['a', 'b'])]],
    ["body.a == 'x' || body.a == 'y'", [path('body.a', ['x', 'y'])]],
    ["has(body.a) && body.a == 'x'", [path('body.a', ['x'], true)]],
    ["has(body.a.b) && body.a.b == 'x'", [path('body.a.b', ['x'], false)]],
    ["has(body.a) && has(body.a.b) && body.a.b == 'x'", [path('body.a.b', ['x'], true)]],
    ["header.match('x-github-event', 'push')", [header('X-Github-Event', 'push')]],
    ["header.canonical('X-Y') == 'z'", [header('X-Y', 'z')]],
    ["header.canonical('X-Y') in ['', 'z']", [header('X-Y', '', 'z')]],
    ["body.a == 'x' || body.b == 'y'", []],
    ["!(body.a == 'x')", []],
    ["body.a != 'x'", []],
    ['body.a == body.b', []],
    ['body.a == 1', []],
    ["body.a in ['x', body.b]", []],
    ["body.a == 'x' ? true : false", []],
    ["body.list.exists(body, body.a == 'x')", []],
    ["body.header.match('X', 'y')", []],
    ["header.match('X', '')", []],
    ["requestURL == '/'", []],
  ])('%s', (source, expected) => {
    expect(conjuncts(source)).toEqual(expected);
  });
});
