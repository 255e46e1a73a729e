import { tests as checking } from '@bufbuild/cel-spec/testdata/checking.js';
import { tests as comprehension } from '@bufbuild/cel-spec/testdata/comprehension.js';
import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js';
import { reasonLeftOut } from './left-out.ts';
import type { SpecTest } from './spec-tests.ts';

/** What cel-go said of an expression: its type, or all that is wrong with it. */
export interface GoOutcome {
  readonly name: string;
  readonly test: SpecTest;
  readonly expected: string;
  /** Why it is left out; absent when it is to be compared. */
  readonly leftOut: string | undefined;
}

type Tests = typeof conformance;

/** Why an expression of cel-go's own tests is none of ours, by what it or its outcome mentions. */
const leftOut: readonly (readonly [reason: string, mentioned: RegExp])[] = [
  ['needs protobuf messages of its own', /TestAllTypes|google\.expr|cel\.expr|NotAMessage/],
  ['was run with lower limits', /recursion|recovery/],
  ['optional types are not enabled', /optional_type/],
  ['cel.bind is not enabled', /cel\.bind/],
  ['cel.block is an optimiser’s notation', /cel\.(block|index|iterVar)/],
  ['needs names that cel-go’s test declares', /\b(i[siuzdxb]|fg_s|fi_s_s|myfun|set|encode|fn|tuple)\b/],
  ['was run with a macro that upstream does not enable', /\[\]\.existsOne/],
  ['is `any` there, which we have as `dyn`', /^"google.protobuf.Any\{\}"/],
  ['is `type` there, which we have as `type(dyn)`', /^"type(\(type\))?"/],
];

/** All expressions that `@bufbuild/cel-spec` has cel-go's outcome of. */
export function goOutcomes(): readonly GoOutcome[] {
  return [parsing, checking, comprehension, conformance].flatMap((tests) => outcomesOf(tests, []));
}

function outcomesOf({ name, suites = [], tests = [] }: Tests, path: readonly string[]): readonly GoOutcome[] {
  const here = [...path, name];
  const own = tests.flatMap(({ original, type, error }) => {
    const test = original as unknown as SpecTest;
    const expected = error === undefined ? type : error.replace(/^ERROR: [^:\n]*:/gm, 'ERROR: <input>:').trimEnd();
    if (expected === undefined) return [];
    const text = JSON.stringify(test.expr) + expected + JSON.stringify(test);
    const [, file = '', section = ''] = here;
    const reason = reasonLeftOut(file, section, test.name ?? '', text) ?? leftOut.find(([, mentioned]) => mentioned.test(text))?.[0];
    return [{ name: `${here.join('/')} ${test.name ?? ''} ${test.expr}`, test, expected, leftOut: reason }];
  });
  return [...own, ...suites.flatMap((suite) => outcomesOf(suite, here))];
}
