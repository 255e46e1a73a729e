import { admit } from '../../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../../src/resources/engine-config.ts';
import { renderFieldErrors } from '../../../src/resources/field-error.ts';
import type { Vector } from './vector.ts';

export interface ValidationCase {
  readonly kind: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly defaulted?: unknown;
}

/** Admission: defaulting, then validation. */
export function validation(cases: readonly ValidationCase[]): readonly Vector[] {
  return cases.map((given) => ({
    name: `validation: ${given.kind} ${JSON.stringify(given.object)}`,
    expected: given.error === undefined ? { defaulted: withoutZeroValues(given.defaulted) } : { error: given.error },
    run: () => judge(given),
  }));
}

function judge(given: ValidationCase): unknown {
  const version = given.kind === 'ClusterInterceptor' || given.kind === 'Interceptor' ? 'v1alpha1' : 'v1beta1';
  const result = admit({ apiVersion: `triggers.tekton.dev/${version}`, kind: given.kind, ...given.object }, defaultEngineConfig);
  if (result.ok) {
    const { apiVersion, kind, ...defaulted } = result.object;
    return { defaulted };
  }
  // The vectors were decoded leniently; upstream's webhook, and we, refuse unknown fields besides.
  return { error: renderFieldErrors(result.errors.filter((error) => !error.message.startsWith('json: unknown field'))) };
}

/** Go writes empty structs out. */
function withoutZeroValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeroValues);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, withoutZeroValues(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== '' && JSON.stringify(member) !== '{}'));
}
