import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { reasonLeftOut } from './left-out.ts';
import type { Json } from './read-value.ts';

/** One test of cel-spec's `simple` test files, in protobuf's JSON form. */
export interface SpecTest {
  readonly name?: string;
  readonly expr: string;
  readonly value?: Json;
  readonly typedResult?: { readonly result?: Json; readonly deducedType?: Json };
  readonly evalError?: Json;
  readonly typeEnv?: readonly {
    readonly name: string;
    readonly ident?: { readonly type: Json };
    readonly function?: { readonly overloads: readonly { readonly params: readonly Json[]; readonly resultType: Json }[] };
  }[];
  readonly bindings?: Readonly<Record<string, { readonly value: Json }>>;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
}

export interface SpecCase {
  readonly file: string;
  /** `section/name`. */
  readonly name: string;
  readonly test: SpecTest;
  /** Why it is left out; absent when it is to run. */
  readonly leftOut: string | undefined;
}

/** All tests of cel-spec v0.25.1, in its order. */
export function specCases(): readonly SpecCase[] {
  const cases: SpecCase[] = [];
  for (const file of conformance.suites ?? []) {
    for (const section of file.suites ?? []) {
      for (const { original } of section.tests ?? []) {
        const test = original as unknown as SpecTest;
        const name = test.name ?? '';
        const leftOut = reasonLeftOut(file.name, section.name, name, JSON.stringify(test));
        cases.push({ file: file.name, name: `${section.name}/${name}`, test, leftOut });
      }
    }
  }
  return cases;
}
