import { replaceList } from '../../expressions/variables/replace-list.ts';
import { replaceString } from '../../expressions/variables/replace-string.ts';
import { replaceWhenInput } from '../../expressions/variables/replace-when-input.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import type { WhenExpression } from '../when-expression.ts';

/**
 * A when expression with its variables replaced. An `input` that is a whole array becomes the array's JSON; elements of `values` expand arrays;
 * `cel` gets strings only. Follows tektoncd/pipeline pkg/apis/pipeline/v1/when_types.go, `applyReplacements`.
 */
export function replaceInWhen(expression: WhenExpression, r: Replacements): WhenExpression {
  return {
    ...expression,
    ...(expression.input !== undefined && { input: replaceWhenInput(expression.input, r) }),
    ...(expression.values && { values: [...replaceList(expression.values, r)] }),
    ...(expression.cel !== undefined && { cel: replaceString(expression.cel, r) }),
  };
}
