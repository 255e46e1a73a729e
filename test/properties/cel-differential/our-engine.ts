import { compileCel } from '../../../src/expressions/cel/compile-cel.ts';
import { createEnvironment } from '../../../src/expressions/cel/environment.ts';
import { extensionLibraries } from '../../../src/expressions/cel/library/extensions.ts';
import { standardLibrary } from '../../../src/expressions/cel/library/standard.ts';
import { mapEntries } from '../../../src/expressions/cel/maps.ts';
import type { CompileResult } from '../../../src/expressions/cel/program.ts';
import {
  type CelMap,
  type CelObject,
  type CelValue,
  Duration,
  isList,
  Timestamp,
  TypeValue,
  Uint,
} from '../../../src/expressions/cel/values.ts';
import { commonNotation, notation, type Outcome } from './outcome.ts';
import type { Variables } from './variables.ts';

const environment = createEnvironment({
  variables: {
    i: 'int',
    u: 'uint',
    d: 'double',
    s: 'string',
    b: 'bytes',
    t: 'bool',
    n: 'null',
    l: 'list(int)',
    m: 'map(string, int)',
    body: 'map(string, dyn)',
    ts: 'timestamp',
  },
  libraries: [standardLibrary, extensionLibraries],
});

export function compileOurs(source: string): CompileResult {
  return compileCel(source, environment);
}

export function givenToOurs(variables: Variables): CelObject {
  return {
    ...variables,
    u: new Uint(variables.u),
    n: null,
    ts: new Timestamp(1_700_000_000_123_000_000n),
    body: variables.body as CelObject,
  };
}

/** What is refused before it runs is no opinion: one oracle has no checker, the other one its own, and neither converts constants early. */
export function runOurs(source: string, variables: Variables): Outcome {
  const compiled = compileOurs(source);
  if (!compiled.ok) return { kind: compiled.error.stage === 'parse' ? 'error' : 'no opinion', message: compiled.error.message };
  const result = compiled.program.evaluate(givenToOurs(variables));
  return result.ok ? { kind: 'value', text: writeOurs(result.value) } : { kind: 'error', message: result.error.message };
}

export function writeOurs(value: CelValue): string {
  const common = commonNotation(value);
  if (common !== undefined) return common;
  if (value instanceof Uint) return notation.uint(value.value);
  if (value instanceof Timestamp) return notation.timestamp(value.nanoseconds);
  if (value instanceof Duration) return notation.duration(value.nanoseconds);
  if (value instanceof TypeValue) return notation.type(value.name);
  if (isList(value)) return notation.list(value.map(writeOurs));
  return notation.map([...mapEntries(value as CelMap)].map(([key, entry]) => [writeOurs(key), writeOurs(entry)]));
}
