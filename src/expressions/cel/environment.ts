import type { Conceals } from './concealed-nodes.ts';
import type { Overload } from './functions.ts';
import { readType } from './signature.ts';
import type { Type } from './types.ts';
import { TypeValue } from './values.ts';

/** The names an expression may use. Immutable; made once and shared by all expressions compiled against it. */
export interface CelEnvironment {
  readonly variables: ReadonlyMap<string, Type>;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  /** Identifiers that denote types. */
  readonly types: ReadonlyMap<string, { readonly value: TypeValue; readonly type: Type }>;
  /** Namespace in which names are looked up first; empty upstream. */
  readonly container: string;
  readonly escapedFields: boolean;
  /** Whether a trace must not show what this path (variable first, then keys) leads to, or not all of it. */
  readonly conceals: Conceals;
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
    types: TYPES,
    container: options.container ?? '',
    escapedFields: options.escapedFields ?? false,
    conceals: options.conceals ?? (() => false),
  };
}

function typeEntry(name: string, type: string, as = name): readonly [string, { value: TypeValue; type: Type }] {
  return [name, { value: new TypeValue(as), type: { kind: 'type', of: readType(type) } }];
}

const TYPES: ReadonlyMap<string, { value: TypeValue; type: Type }> = new Map([
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
]);
