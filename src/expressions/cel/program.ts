import type { CelNode } from './ast.ts';
import type { CelError } from './error.ts';
import type { SecretReference } from './failure.ts';
import type { CelHost } from './frame.ts';
import type { CelLimits } from './limits.ts';
import type { CelTrace } from './trace.ts';
import type { CelValue } from './values.ts';

export interface EvaluateOptions {
  /** Record the value of every sub-expression; of an expression that is true only of those that tell something. Slower; the plain path does not pay. */
  readonly trace?: boolean | undefined;
  readonly limits?: Partial<CelLimits> | undefined;
  readonly host?: CelHost | undefined;
}

export type Evaluation =
  | { readonly ok: true; readonly value: CelValue; readonly trace?: CelTrace | undefined }
  | { readonly ok: false; readonly error: CelError; readonly trace?: CelTrace | undefined };

/** A compiled expression. Stateless between evaluations; may be shared. */
export interface CelProgram {
  readonly source: string;
  readonly ast: CelNode;
  /** Static type of the result as CEL prints it, e.g. `bool`, `dyn`. */
  readonly resultType: string;
  /** The value, unless it is a mere yes, no or number, may be made of something that must not be shown. */
  readonly conceals: boolean;
  /** Secrets named by literals in `compareSecret`; reading them first makes one evaluation enough. */
  readonly secretReferences: readonly SecretReference[];
  evaluate(variables: Readonly<Record<string, CelValue>>, options?: EvaluateOptions): Evaluation;
}

export type CompileResult = { readonly ok: true; readonly program: CelProgram } | { readonly ok: false; readonly error: CelError };
