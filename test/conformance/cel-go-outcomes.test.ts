import { describe, expect, it } from 'vitest';
import { check } from '../../src/expressions/cel/checker.ts';
import { createEnvironment } from '../../src/expressions/cel/environment.ts';
import { celError, type RawIssue, renderIssues } from '../../src/expressions/cel/error.ts';
import { encoders } from '../../src/expressions/cel/library/encoders.ts';
import { math } from '../../src/expressions/cel/library/math.ts';
import { standardLibrary } from '../../src/expressions/cel/library/standard.ts';
import { strings } from '../../src/expressions/cel/library/strings.ts';
import { defaultLimits } from '../../src/expressions/cel/limits.ts';
import { parse } from '../../src/expressions/cel/parser.ts';
import { formatType } from '../../src/expressions/cel/types.ts';
import { goOutcomes } from './cel-spec/go-outcomes.ts';
import { readType } from './cel-spec/read-value.ts';
import type { SpecTest } from './cel-spec/spec-tests.ts';

/** What cel-go's parser and checker say of some two thousand expressions, to the letter: types, messages, positions, the line with its caret. */
describe('what cel-go says of an expression', () => {
  for (const { name, test, expected, leftOut } of goOutcomes()) {
    if (leftOut === undefined) it(name, () => expect(outcomeOf(test)).toBe(expected));
  }
});

function outcomeOf({ expr, typeEnv = [], container = '' }: SpecTest): string {
  const variables = typeEnv.flatMap(({ name, ident }) => (ident ? [[name, readType(ident.type)]] : []));
  const libraries = [standardLibrary, strings, encoders, math];
  const environment = createEnvironment({ variables: Object.fromEntries(variables), libraries, container });
  const rendered = ([first, ...rest]: readonly [RawIssue, ...RawIssue[]]) => renderIssues(expr, celError('check', expr, [first, ...rest]));
  const parsed = parse(expr, defaultLimits, { escapedFields: false });
  if (!parsed.ok) return rendered(parsed.issues);
  const { type, issues } = check(parsed.ast, environment);
  const [first, ...rest] = issues;
  return first ? rendered([first, ...rest]) : formatType(type);
}
