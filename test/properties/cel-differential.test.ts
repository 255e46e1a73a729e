import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapEntries } from '../../src/expressions/cel/maps.ts';
import { readType } from '../../src/expressions/cel/signature.ts';
import type { Type } from '../../src/expressions/cel/types.ts';
import { type CelValue, isList, isMap, kindOf } from '../../src/expressions/cel/values.ts';
import { runBufbuild } from './cel-differential/bufbuild.ts';
import { exclusions } from './cel-differential/exclusions.ts';
import { expressions } from './cel-differential/expressions.ts';
import { runMarcbachmann } from './cel-differential/marcbachmann.ts';
import { compileOurs, givenToOurs, runOurs } from './cel-differential/our-engine.ts';
import type { Outcome } from './cel-differential/outcome.ts';
import { variables } from './cel-differential/variables.ts';

/**
 * Our engine against two others. The seed is fixed, so that a change elsewhere does not fail here; to look for more:
 * `TAPPET_CEL_RUNS=100000 TAPPET_CEL_SEED=7 npx vitest run test/properties/cel-differential.test.ts`.
 */
const runs = Number(process.env['TAPPET_CEL_RUNS'] ?? 2_000);
const seed = Number(process.env['TAPPET_CEL_SEED'] ?? 20_260_712);
const timeout = 20_000 + runs * 5;

function same(a: Outcome, b: Outcome): boolean {
  return a.kind === b.kind && (a.kind !== 'value' || b.kind !== 'value' || a.text === b.text);
}

describe('CEL and two other engines', () => {
  it(
    'give the same value, or an error',
    () => {
      let compared = 0;
      fc.assert(
        fc.property(expressions(false), variables, (source, given) => {
          const ours = runOurs(source, given);
          if (ours.kind === 'no opinion' || exclusions.some((exclusion) => exclusion.applies(source, ours))) return;
          compared += 1;
          const oracles = { bufbuild: runBufbuild(source, given), marcbachmann: runMarcbachmann(source, given) };
          // Where the two differ, one of them has a bug: agreeing with either is enough.
          const agrees = same(ours, oracles.bufbuild) || same(ours, oracles.marcbachmann);
          expect(agrees ? '' : { source, ours, ...oracles }).toBe('');
        }),
        { numRuns: runs, seed },
      );
      expect(compared).toBeGreaterThan(runs * 0.85);
    },
    timeout,
  );
});

describe('the checker', () => {
  it(
    'accepts what is well typed, and its type is the value’s',
    () => {
      fc.assert(
        fc.property(expressions(true), variables, (source, given) => {
          const compiled = compileOurs(source);
          if (!compiled.ok) {
            // Converting a constant may still fail, before anything is evaluated.
            expect([source, compiled.error.stage, compiled.error.message]).toEqual([source, 'program', compiled.error.message]);
            return;
          }
          const result = compiled.program.evaluate(givenToOurs(given));
          if (result.ok)
            expect([source, compiled.program.resultType, fits(result.value, readType(compiled.program.resultType))]).toEqual([
              source,
              compiled.program.resultType,
              true,
            ]);
        }),
        { numRuns: runs, seed },
      );
    },
    timeout,
  );
});

/** Whether a value is of a static type, in depth. Times may be null, as in protobuf. */
function fits(value: CelValue, type: Type): boolean {
  switch (type.kind) {
    case 'dyn':
      return true;
    case 'list':
      return isList(value) && value.every((element) => fits(element, type.element));
    case 'map':
      return isMap(value) && [...mapEntries(value)].every(([key, entry]) => fits(key, type.key) && fits(entry, type.value));
    case 'timestamp':
    case 'duration':
      return value === null || kindOf(value) === type.kind;
    default:
      return kindOf(value) === type.kind;
  }
}
