/**
 * Which of cel-spec's tests are left out, and why: those that upstream's CEL interceptor (cel-go 0.30 with the standard library and the
 * strings, encoders, sets, lists and math extensions) cannot express. A name is that of a file, `file/section` or `file/section/test`.
 * Used by the test suite and by `npm run conformance -- cel-spec`, which prints the counts.
 */
interface LeftOut {
  readonly reason: string;
  readonly names?: readonly string[];
  /** Tests whose expression, declarations or values mention this. */
  readonly mentioning?: RegExp;
}

const leftOut: readonly LeftOut[] = [
  { reason: 'cel.bind is not enabled', names: ['bindings_ext'] },
  { reason: 'cel.block is an optimiser’s notation', names: ['block_ext'] },
  { reason: 'two-variable comprehensions are not enabled', names: ['macros2'] },
  {
    reason: 'optional types are not enabled',
    names: [
      'optionals',
      'type_deductions/flexible_type_parameter_assignment/optional_none',
      'type_deductions/flexible_type_parameter_assignment/optional_none_2',
      'type_deductions/flexible_type_parameter_assignment/optional_dyn_promotion',
      'type_deductions/flexible_type_parameter_assignment/optional_dyn_promotion_2',
      'type_deductions/flexible_type_parameter_assignment/optional_in_ternary',
      'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate',
    ],
  },
  { reason: 'the protos extension is not enabled', names: ['proto2_ext'] },
  { reason: 'enums as types of their own are only proposed', names: ['enums/strong_proto2', 'enums/strong_proto3'] },
  { reason: 'needs a type that only an embedding program can declare', names: ['type_deductions/type_parameters'] },
  { reason: 'needs protobuf messages of its own', mentioning: /cel\.expr\.conformance|TestAllTypes/ },
];

/** Why this test is left out; `undefined` when it runs. */
export function reasonLeftOut(file: string, section: string, name: string, text: string): string | undefined {
  const names = [file, `${file}/${section}`, `${file}/${section}/${name}`];
  return leftOut.find((rule) => rule.names?.some((one) => names.includes(one)) || rule.mentioning?.test(text))?.reason;
}
