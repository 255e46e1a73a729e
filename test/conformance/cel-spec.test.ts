import { describe, expect, it } from 'vitest';
import { runSpecTest } from './cel-spec/run-spec-test.ts';
import { specCases } from './cel-spec/spec-tests.ts';

/** The CEL specification's own tests, as far as upstream's CEL interceptor can express them; `cel-spec/left-out.ts` says what is not. */
const cases = specCases();
for (const file of new Set(cases.map((one) => one.file))) {
  describe(`cel-spec ${file}`, () => {
    for (const { name, test, leftOut } of cases.filter((one) => one.file === file)) {
      if (leftOut === undefined) it(name, () => expect(runSpecTest(test)).toBeUndefined());
      else it.skip(`${name} (${leftOut})`, () => undefined);
    }
  });
}
