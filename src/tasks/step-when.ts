import { compileCel } from '../expressions/cel/compile-cel.ts';
import { standardEnvironment } from '../expressions/cel/library/standard.ts';
import type { WhenExpression } from '../resources/when-expression.ts';

export type WhenAnswer = { readonly ok: true; readonly holds: boolean } | { readonly ok: false; readonly message: string };

/**
 * Whether all of a step's guards hold. Membership is exact string equality; any operator but `in` means `notin`, so a guard that is only CEL is true
 * so far and its CEL (plain, without variables) decides. Follows tektoncd/pipeline pkg/entrypoint/entrypointer.go, `allowExec`.
 */
export function whenHolds(expressions: readonly WhenExpression[]): WhenAnswer {
  for (const { input = '', operator, values = [], cel } of expressions) {
    if (values.includes(input) !== (operator === 'in')) return { ok: true, holds: false };
    const answer = cel ? evaluate(cel) : { ok: true as const, holds: true };
    if (!answer.ok || !answer.holds) return answer;
  }
  return { ok: true, holds: true };
}

function evaluate(source: string): WhenAnswer {
  const compiled = compileCel(source, standardEnvironment);
  if (!compiled.ok) return { ok: false, message: compiled.error.message };
  const evaluated = compiled.program.evaluate({});
  if (!evaluated.ok) return { ok: false, message: evaluated.error.message };
  if (typeof evaluated.value === 'boolean') return { ok: true, holds: evaluated.value };
  return { ok: false, message: `The CEL expression ${source} is not evaluated to a boolean` };
}
