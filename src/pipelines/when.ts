import type { WhenExpression } from '../resources/pipeline/schema.ts';

/**
 * Whether all guards hold. Any operator but `in` means `notin`; so an expression that is only CEL is true here and its CEL decides.
 * `cel` answers for the CEL text of a guard. Follows tektoncd/pipeline pkg/apis/pipeline/v1/when_types.go, `AllowsExecution`.
 */
export function whenAllows(expressions: readonly WhenExpression[] | undefined, cel: (source: string) => boolean): boolean {
  if (expressions === undefined) return true;
  return expressions.every((expression) => isTrue(expression) && (!expression.cel || cel(expression.cel)));
}

function isTrue({ input = '', operator, values = [] }: WhenExpression): boolean {
  return values.includes(input) === (operator === 'in');
}
