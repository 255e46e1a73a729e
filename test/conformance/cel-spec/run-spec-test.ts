import { compileCel } from '../../../src/expressions/cel/compile-cel.ts';
import { createEnvironment } from '../../../src/expressions/cel/environment.ts';
import { equals } from '../../../src/expressions/cel/equality.ts';
import { invalidArgument } from '../../../src/expressions/cel/failure.ts';
import { fn, type Overload } from '../../../src/expressions/cel/functions.ts';
import { extensionLibraries } from '../../../src/expressions/cel/library/extensions.ts';
import { standardLibrary } from '../../../src/expressions/cel/library/standard.ts';
import { defaultLimits } from '../../../src/expressions/cel/limits.ts';
import { preview } from '../../../src/expressions/cel/preview.ts';
import { type CelValue, kindOf } from '../../../src/expressions/cel/values.ts';
import { readType, readValue } from './read-value.ts';
import type { SpecTest } from './spec-tests.ts';

/**
 * Runs one test; gives what was wrong, `undefined` for nothing. An expected error must be one of values, from evaluating or from what is
 * known before (constants, calls of `format`): an expression whose types the checker refuses is no way to pass.
 */
export function runSpecTest(test: SpecTest): string | undefined {
  const environment = createEnvironment({
    variables: Object.fromEntries((test.typeEnv ?? []).flatMap(({ name, ident }) => (ident ? [[name, readType(ident.type)]] : []))),
    libraries: [standardLibrary, extensionLibraries, declaredFunctions(test)],
    container: test.container ?? '',
    escapedFields: true,
  });
  const compiled = compileCel(test.expr, environment, { check: !test.disableCheck });
  if (!compiled.ok) {
    const { stage, code, message } = compiled.error;
    const byValue = stage === 'program' || (stage === 'check' && (code === 'InvalidArgument' || code === 'IndexOutOfBounds'));
    return test.evalError !== undefined && byValue ? undefined : `${stage}: ${message}`;
  }
  const deduced = test.typedResult?.deducedType;
  if (deduced && compiled.program.resultType !== readType(deduced))
    return `expected type ${readType(deduced)}, got ${compiled.program.resultType}`;
  if (test.checkOnly) return undefined;
  const bindings = Object.entries(test.bindings ?? {}).map(([name, binding]) => [name, readValue(binding.value)] as const);
  const outcome = compiled.program.evaluate(Object.fromEntries(bindings));
  if (test.evalError) return outcome.ok ? `expected an error, got ${preview(outcome.value)}` : undefined;
  if (!outcome.ok) return outcome.error.message;
  return difference(readValue(test.value ?? test.typedResult?.result ?? { boolValue: true }), outcome.value);
}

/** The same kind and equal; NaN and the sign of zero count. */
function difference(expected: CelValue, got: CelValue): string | undefined {
  const same =
    kindOf(expected) === kindOf(got) && (Object.is(expected, got) || equals(expected, got, { limits: defaultLimits, steps: 0 }) === true);
  return same ? undefined : `expected ${kindOf(expected)} ${preview(expected)}, got ${kindOf(got)} ${preview(got)}`;
}

/** Functions that a test declares have no code; such tests are only checked. */
function declaredFunctions(test: SpecTest): readonly Overload[] {
  return (test.typeEnv ?? []).flatMap(({ name, function: declared }) =>
    (declared?.overloads ?? []).map(({ params, resultType }) =>
      fn(name, params.map(readType), readType(resultType), () => invalidArgument(`${name} has no code`)),
    ),
  );
}
