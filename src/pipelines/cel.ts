import { compileCel } from '../expressions/cel/compile-cel.ts';
import { standardEnvironment } from '../expressions/cel/library/standard.ts';

export type CelAnswer = { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly message: string };

/**
 * What a CEL guard (alpha) says. It is plain CEL without variables: what it looks at was substituted into its text. Follows
 * tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, `EvaluateCEL`.
 */
export function evaluateCel(source: string): CelAnswer {
  const compiled = compileCel(source, standardEnvironment);
  if (!compiled.ok) return { ok: false, message: compiled.error.message };
  const evaluated = compiled.program.evaluate({});
  if (!evaluated.ok) return { ok: false, message: evaluated.error.message };
  if (typeof evaluated.value === 'boolean') return { ok: true, value: evaluated.value };
  return { ok: false, message: `The CEL expression ${source} is not evaluated to a boolean` };
}

/** Guards asked for during one look at a run: each text is evaluated once, and the first error is kept. */
export interface CelGuards {
  readonly allows: (source: string) => boolean;
  readonly error: () => string | undefined;
}

export function celGuards(): CelGuards {
  const answers = new Map<string, CelAnswer>();
  return {
    allows: (source) => {
      const answer = answers.get(source) ?? evaluateCel(source);
      answers.set(source, answer);
      return answer.ok && answer.value;
    },
    error: () => [...answers.values()].flatMap((answer) => (answer.ok ? [] : answer.message))[0],
  };
}
