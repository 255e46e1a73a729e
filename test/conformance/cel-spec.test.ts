import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/expressions/cel/compile-cel.ts';
import { createEnvironment } from '../../src/expressions/cel/environment.ts';
import { equals } from '../../src/expressions/cel/equality.ts';
import { extensionLibraries } from '../../src/expressions/cel/library/extensions.ts';
import { standardLibrary } from '../../src/expressions/cel/library/standard.ts';
import { defaultLimits } from '../../src/expressions/cel/limits.ts';
import { MixedMap } from '../../src/expressions/cel/maps.ts';
import { preview } from '../../src/expressions/cel/preview.ts';
import { parseDuration, parseTimestamp } from '../../src/expressions/cel/time-text.ts';
import { type CelValue, kindOf, TypeValue, Uint } from '../../src/expressions/cel/values.ts';

/**
 * The CEL specification's own tests (cel-spec v0.25.1), as far as they need nothing that upstream's CEL interceptor lacks. What is left out
 * is listed here with its reason; a test that fails although it is listed as known to fail, or passes, breaks this suite.
 */
const leftOutFiles: Readonly<Record<string, string>> = {
  bindings_ext: 'cel.bind is not enabled upstream',
  block_ext: 'cel.block is an optimiser’s notation',
  enums: 'needs protobuf enums',
  macros2: 'two-variable comprehensions are not enabled upstream',
  optionals: 'optional types are not enabled upstream',
  proto2: 'needs protobuf messages',
  proto2_ext: 'needs protobuf messages',
  proto3: 'needs protobuf messages',
};

/** Any mention of a message type that only a protobuf runtime would know. */
const PROTOBUF = /TestAllTypes|NestedTestAllTypes|cel\.expr\.conformance|google\.protobuf\.(?:Any|Empty|FieldMask|NullValue)|proto2|proto3/;

/** Single tests, or sections with a `*`, by file/section/name. */
const leftOutTests: Readonly<Record<string, string>> = {
  'dynamic/value_null/literal': 'needs protobuf enums',
  'type_deductions/functions/*': 'declares functions without code',
  'type_deductions/type_parameters/*': 'declares functions without code',
  'type_deductions/flexible_type_parameter_assignment/optional_none': 'optional types are not enabled upstream',
  'type_deductions/flexible_type_parameter_assignment/optional_none_2': 'optional types are not enabled upstream',
  'type_deductions/flexible_type_parameter_assignment/optional_dyn_promotion': 'optional types are not enabled upstream',
  'type_deductions/flexible_type_parameter_assignment/optional_dyn_promotion_2': 'optional types are not enabled upstream',
  'type_deductions/flexible_type_parameter_assignment/optional_in_ternary': 'optional types are not enabled upstream',
  'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate': 'optional types are not enabled upstream',
};

/** Nothing: every test that is not left out passes. */
const knownToFail: Readonly<Record<string, string>> = {};

type Json = Readonly<Record<string, unknown>>;

interface SpecTest {
  readonly name?: string;
  readonly expr: string;
  readonly value?: Json;
  readonly typedResult?: { readonly result?: Json; readonly deducedType?: Json };
  readonly evalError?: Json;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: Json }; readonly function?: Json }[];
  readonly bindings?: Readonly<Record<string, { readonly value: Json }>>;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
}

function readValue(json: Json): CelValue {
  const [kind = '', raw] = Object.entries(json)[0] ?? [];
  switch (kind) {
    case 'int64Value':
      return BigInt(raw as string);
    case 'uint64Value':
      return new Uint(BigInt(raw as string));
    case 'doubleValue':
      return Number(raw);
    case 'stringValue':
    case 'boolValue':
      return raw as string | boolean;
    case 'nullValue':
      return null;
    case 'bytesValue':
      return new Uint8Array(Buffer.from(raw as string, 'base64'));
    case 'typeValue':
      return new TypeValue(raw as string);
    case 'listValue':
      return ((raw as { values?: Json[] }).values ?? []).map(readValue);
    case 'mapValue': {
      const map = new MixedMap();
      for (const entry of (raw as { entries?: { key: Json; value: Json }[] }).entries ?? [])
        map.set(readValue(entry.key), readValue(entry.value));
      return map;
    }
    case 'objectValue':
      return wellKnown(raw as { '@type': string; value: never });
  }
  throw new Error(`unknown value ${JSON.stringify(json)}`);
}

function wellKnown(message: { readonly '@type': string; readonly value: never }): CelValue {
  const type = message['@type'].replace(/^.*google\.protobuf\./, '');
  const { value } = message;
  switch (type) {
    case 'Timestamp':
      return parseTimestamp(value) as CelValue;
    case 'Duration':
      return parseDuration(value) as CelValue;
    case 'Int32Value':
    case 'Int64Value':
      return BigInt(value);
    case 'UInt32Value':
    case 'UInt64Value':
      return new Uint(BigInt(value));
    case 'BytesValue':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'FloatValue':
    case 'DoubleValue':
      return Number(value);
    default:
      return value;
  }
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  INT64: 'int',
  UINT64: 'uint',
  DOUBLE: 'double',
  STRING: 'string',
  BYTES: 'bytes',
  BOOL: 'bool',
};

function typeOf(json: Json): string {
  const [kind = '', raw] = Object.entries(json)[0] ?? [];
  const inner = raw as Record<string, Json>;
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[raw as string] ?? 'dyn';
    case 'wrapper':
      return `wrapper(${PRIMITIVES[raw as string]})`;
    case 'wellKnown':
      return raw === 'ANY' ? 'dyn' : (raw as string).toLowerCase();
    case 'listType':
      return `list(${typeOf(inner['elemType'] ?? {})})`;
    case 'mapType':
      return `map(${typeOf(inner['keyType'] ?? {})}, ${typeOf(inner['valueType'] ?? {})})`;
    case 'null':
      return 'null';
    case 'type':
      return `type(${typeOf(raw as Json)})`;
    default:
      return 'dyn';
  }
}

function run(test: SpecTest): void {
  const variables = (test.typeEnv ?? [])
    .filter((entry) => entry.ident)
    .map((entry) => [entry.name, typeOf(entry.ident?.type ?? {})] as const);
  const environment = createEnvironment({
    variables: Object.fromEntries(variables),
    libraries: [standardLibrary, extensionLibraries],
    container: test.container ?? '',
    escapedFields: true,
  });
  const compiled = compileCel(test.expr, environment, { check: !test.disableCheck });
  if (test.evalError) {
    const outcome = compiled.ok ? compiled.program.evaluate(bindingsOf(test)) : compiled;
    expect(outcome.ok ? preview(outcome.value) : 'an error').toBe('an error');
    return;
  }
  if (!compiled.ok) throw new Error(compiled.error.message);
  const deduced = test.typedResult?.deducedType;
  if (deduced) expect(compiled.program.resultType).toBe(typeOf(deduced));
  if (test.checkOnly) return;
  const outcome = compiled.program.evaluate(bindingsOf(test));
  if (!outcome.ok) throw new Error(outcome.error.message);
  const expected = readValue(test.value ?? test.typedResult?.result ?? { boolValue: true });
  const same = Object.is(outcome.value, expected) || equals(outcome.value, expected, { limits: defaultLimits, steps: 0 });
  expect([kindOf(outcome.value), same ? '' : preview(outcome.value)]).toEqual([kindOf(expected), same ? '' : preview(expected)]);
}

function bindingsOf(test: SpecTest): Record<string, CelValue> {
  return Object.fromEntries(Object.entries(test.bindings ?? {}).map(([name, binding]) => [name, readValue(binding.value)]));
}

for (const file of conformance.suites ?? []) {
  if (!file.suites?.length) continue;
  const reason = leftOutFiles[file.name];
  if (reason) {
    describe.skip(`cel-spec ${file.name}: ${reason}`, () => it('is left out', () => expect(reason).toBe('')));
    continue;
  }
  describe(`cel-spec ${file.name}`, () => {
    for (const section of file.suites ?? []) {
      for (const { original } of section.tests ?? []) {
        const test = original as unknown as SpecTest;
        const name = `${section.name}/${test.name}`;
        const why = knownToFail[`${file.name}/${name}`];
        const leftOut = leftOutTests[`${file.name}/${name}`] ?? leftOutTests[`${file.name}/${section.name}/*`];
        if (leftOut) it.skip(`${name} (${leftOut})`, () => run(test));
        else if (PROTOBUF.test(JSON.stringify(test))) it.skip(`${name} (protobuf)`, () => run(test));
        else if (why) it.fails(`${name} (${why})`, () => run(test));
        else it(name, () => run(test));
      }
    }
  });
}
