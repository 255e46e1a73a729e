import type { PipelineTask } from '../resources/pipeline/schema.ts';

export type CelOutcome =
  | { readonly ok: true; readonly allows: (source: string) => boolean }
  | { readonly ok: false; readonly message: string };

/** Evaluates the CEL guards of tasks (alpha). Plain CEL without variables: what it needs was substituted into its text. */
export function evaluateCel(tasks: readonly PipelineTask[]): CelOutcome {
  const sources = tasks.flatMap((task) => (task.when ?? []).flatMap((expression) => expression.cel || []));
  if (sources.length === 0) return { ok: true, allows: () => true };
  return { ok: false, message: 'CEL guards are not there yet' };
}
