import type { Conceals } from './concealed-nodes.ts';
import type { Overload } from './functions.ts';
import { readType } from './signature.ts';
import type { Type } from './types.ts';
import { type CelValue, TypeValue } from './values.ts';

/** The names an expression may use. Immutable; made once and shared by all expressions compiled against it. */
export interface CelEnvironment {
  readonly variables: ReadonlyMap<string, Type>;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  /** Identifiers that denote types, and the values of enums. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Namespace in which names are looked up first; empty upstream. */
  readonly container: string;
  readonly escapedFields: boolean;
  /** Whether a trace must not show what this path (variable first, then keys) leads to, or not all of it. */
  readonly conceals: Conceals;
}

interface Constant {
  readonly value: CelValue;
  readonly type: Type;
}

export interface EnvironmentOptions {
  /** Name to type in the notation of `readType`, e.g. `map(string, dyn)`. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly libraries: readonly (readonly Overload[])[];
  readonly container?: string;
  readonly escapedFields?: boolean;
  readonly conceals?: Conceals;
}

export function createEnvironment(options: EnvironmentOptions): CelEnvironment {
  const functions = new Map<string, Overload[]>();
  for (const overload of options.libraries.flat()) {
    const overloads = functions.get(overload.name);
    if (overloads) overloads.push(overload);
    else functions.set(overload.name, [overload]);
  }
  return {
    variables: new Map(Object.entries(options.variables ?? {}).map(([name, type]) => [name, readType(type)])),
    functions,
    constants: CONSTANTS,
    container: options.container ?? '',
    escapedFields: options.escapedFields ?? false,
    conceals: options.conceals ?? (() => false),
  };
}

function typeEntry(name: string, type: string | Type): readonly [string, Constant] {
  return [name, { value: new TypeValue(name), type: { kind: 'type', of: typeof type === 'string' ? readType(type) : type } }];
}

const CONSTANTS: ReadonlyMap<string, Constant> = new Map([
  typeEntry('bool', 'bool'),
  typeEntry('int', 'int'),
  typeEntry('uint', 'uint'),
  typeEntry('double', 'double'),
  typeEntry('string', 'string'),
  typeEntry('bytes', 'bytes'),
  typeEntry('list', 'list(dyn)'),
  typeEntry('map', 'map(dyn, dyn)'),
  typeEntry('null_type', 'null'),
  typeEntry('type', 'type(dyn)'),
  typeEntry('google.protobuf.Timestamp', 'timestamp'),
  typeEntry('google.protobuf.Duration', 'duration'),
  typeEntry('google.protobuf.Empty', { kind: 'message', name: 'google.protobuf.Empty' }),
  ['google.protobuf.NullValue.NULL_VALUE', { value: 0n, type: { kind: 'int' } }],
]);
