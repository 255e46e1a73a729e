import { compileCel } from '../expressions/cel/compile-cel.ts';
import { renderIssues } from '../expressions/cel/error.ts';
import { standardEnvironment } from '../expressions/cel/library/standard.ts';
import { goQuote } from '../expressions/variables/go-quote.ts';
import type { EngineConfig } from './engine-config.ts';
import { type FieldError, fieldError, invalidValue, missingField, underEach } from './field-error.ts';
import { goList } from './go-format.ts';
import type { WhenExpression } from './when-expression.ts';

/** 2.8. Paths begin at `when[i]`. */
export function validateWhenExpressions(list: readonly WhenExpression[] | undefined, config: EngineConfig): readonly FieldError[] {
  return underEach('when', list, (expression) => validateWhenExpression(expression, config));
}

function validateWhenExpression(expression: WhenExpression, config: EngineConfig): readonly FieldError[] {
  const { input = '', operator = '', values = [], cel = '' } = expression;
  if (cel !== '') {
    if (!config['enable-cel-in-whenexpression']) {
      return [fieldError(`feature flag enable-cel-in-whenexpression should be set to true to use CEL: ${cel} in WhenExpression`, '')];
    }
    if (input === '' && operator === '' && values.length === 0) return validateCel(cel);
    const message = 'cel and input+operator+values cannot be set in one WhenExpression';
    return [fieldError(`${message}: &{${[input, operator, goList(values), cel].join(' ')}}`)];
  }
  if (input === '' && operator === '' && values.length === 0) return [missingField('')];
  if (operator !== 'in' && operator !== 'notin') {
    return [invalidValue(`operator ${goQuote(operator)} is not recognized. valid operators: in,notin`, '')];
  }
  return values.length === 0 ? [invalidValue('expecting non-empty values field', '')] : [];
}

/**
 * Variables are still in it: upstream asks that they stand in quotes, so that the text is CEL before they are replaced. What becomes of them is
 * for later: `int('$(params.n)') > 3` is right, though the text as it stands is no number.
 */
function validateCel(source: string): readonly FieldError[] {
  const compiled = compileCel(source, standardEnvironment);
  if (compiled.ok || compiled.error.stage === 'program') return [];
  return [fieldError(`invalid cel expression: ${source}`, '', renderIssues(source, compiled.error))];
}
