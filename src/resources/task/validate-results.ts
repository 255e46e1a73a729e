import { goQuote } from '../../expressions/variables/go-quote.ts';
import { type ParamValue, paramTypeOf } from '../../expressions/variables/param-value.ts';
import { type FieldError, fieldError, invalidValue, missingField, underEach } from '../field-error.ts';
import { goList } from '../go-format.ts';
import { isDnsLabel, isResultName } from '../names.ts';
import { nonStringProperties } from '../param-specs.ts';
import type { StepResult, TaskResult } from './schema.ts';

const nameRule =
  "must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my-name',  or 'my_name', regex used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')";

/** 2.5 (13). Paths begin at `results[i]`. Follows tektoncd/pipeline pkg/apis/pipeline/v1/result_validation.go. */
export function validateTaskResults(results: readonly TaskResult[]): readonly FieldError[] {
  return underEach('results', results, (result) => {
    if (!isResultName(result.name)) return [wrongName(result.name)];
    return [...validateTaskResultType(result), ...validateValue(result.name, result.value)];
  });
}

/** Those of a step or a StepAction. Paths begin with the index, for upstream puts something else before it. */
export function validateStepResults(results: readonly StepResult[]): readonly FieldError[] {
  return underEach('', results, (result) => {
    const { name, type = '' } = result;
    if (!isResultName(name)) return [wrongName(name)];
    if (type === 'object') return validateProperties(result, 'the');
    return isType(type) ? [] : [invalidValue(type, 'type', `invalid type ${type}`)];
  });
}

function wrongName(name: string): FieldError {
  return fieldError(`invalid key name ${goQuote(name)}`, 'name', `Name ${nameRule}`);
}

function validateTaskResultType(result: TaskResult): readonly FieldError[] {
  const { type = '' } = result;
  if (type === 'object') return validateProperties(result, 'The');
  return isType(type) ? [] : [invalidValue(type, 'type', 'type must be string')];
}

function isType(type: string): boolean {
  return type === '' || type === 'string' || type === 'array';
}

function validateProperties({ name, properties }: StepResult, article: 'the' | 'The'): readonly FieldError[] {
  if (properties === undefined) return [missingField(`${name}.properties`)];
  const wrong = nonStringProperties(properties);
  if (wrong.length === 0) return [];
  const message = `${article} value type specified for these keys ${goList(wrong)} is invalid, the type must be string`;
  return [fieldError(message, `${name}.properties`)];
}

/** A task result taken from a step's. */
function validateValue(result: string, value: ParamValue | undefined): readonly FieldError[] {
  if (value === undefined || value === '') return [];
  if (typeof value !== 'string') return [fieldError(`Invalid Type. Wanted string but got: "${paramTypeOf(value)}"`, `${result}.type`)];
  const match = /\$\(steps\.([^\n]*?)\.results\.([^\n]*?)\)/.exec(value);
  if (match === null) {
    const message = `Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got "${value}"`;
    return [fieldError(message, `${result}.value`)];
  }
  const [, step = '', name = ''] = match;
  const errors: FieldError[] = [];
  if (!isDnsLabel(step)) {
    errors.push(
      fieldError(
        `invalid extracted step name ${goQuote(step)}`,
        `${result}.value`,
        'stepName in $(steps.<stepName>.results.<resultName>) must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
      ),
    );
  }
  if (!isResultName(name)) {
    const rule = `resultName in $(steps.<stepName>.results.<resultName>) ${nameRule}`;
    errors.push(fieldError(`invalid extracted result name ${goQuote(name)}`, `${result}.value`, rule));
  }
  return errors;
}
