import { replaceList } from '../../expressions/variables/replace-list.ts';
import { replaceString } from '../../expressions/variables/replace-string.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import type { WhenExpression } from '../pipeline/schema.ts';

const wholeArray = /^\$\((.+)\[\*\]\)$/;

/**
 * A when expression with its variables replaced. An `input` that is a whole array becomes the array's JSON; elements of `values` expand arrays;
 * `cel` gets strings only. Follows tektoncd/pipeline pkg/apis/pipeline/v1/when_types.go, `applyReplacements`.
 */
export function replaceInWhen(expression: WhenExpression, r: Replacements): WhenExpression {
  return {
    ...expression,
    ...(expression.input !== undefined && { input: replaceInput(expression.input, r) }),
    ...(expression.values && { values: replaceList(expression.values, r) }),
    ...(expression.cel !== undefined && { cel: replaceString(expression.cel, r) }),
  };
}

function replaceInput(input: string, r: Replacements): string {
  const key = wholeArray.exec(input)?.[1];
  const array = key === undefined ? undefined : r.arrays.get(key);
  return array === undefined ? replaceString(input, r) : JSON.stringify(array);
}
