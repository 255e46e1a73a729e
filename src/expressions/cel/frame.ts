import type { Result, SecretReference } from './failure.ts';
import type { Budget } from './limits.ts';
import type { CelValue } from './values.ts';

/**
 * What an evaluation may ask of its surroundings. Evaluation is synchronous, reading a secret is not: the caller reads secrets before
 * (`program.secretReferences` lists those named by literals) or when asked (an error with code `NeedSecret` names the one that is
 * missing; read it and evaluate again).
 */
export interface CelHost {
  /** `undefined`: not read yet. `missing`: there is no such secret or key. */
  secret(reference: SecretReference): Uint8Array | 'missing' | undefined;
  /** Equality in constant time; false when either is empty. */
  equalSecret(a: Uint8Array, b: Uint8Array): boolean;
}

/** The state of one evaluation. */
export interface Frame extends Budget {
  /** Variables first, then one slot for each comprehension. `undefined`: the caller gave no such variable. */
  readonly slots: (CelValue | undefined)[];
  readonly host: CelHost | undefined;
  /** Results by node id, when tracing. */
  readonly record: (Result | undefined)[] | undefined;
  /** The pattern that was compiled last in this evaluation, so that a loop pays for it once. */
  lastPattern?: string;
}
