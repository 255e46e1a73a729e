import { goQuote } from '../../expressions/variables/go-quote.ts';
import { type FieldError, fieldError, invalidValue, missingField, underEach } from '../field-error.ts';
import { goList } from '../go-format.ts';
import { isDnsLabel, isResultName } from '../names.ts';
import { nonStringProperties } from '../param-specs.ts';
import type { StepResult, TaskResult } from './schema.ts';

const nameRule =
  "Name must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')";

/** 2.5 (13). Paths begin at `results[i]`. */
export function validateResults(results: readonly (TaskResult | StepResult)[], of: 'task' | 'step'): readonly FieldError[] {
  return underEach('results', results, (result) => [
    ...(isResultName(result.name) ? [] : [fieldError(`invalid key name ${goQuote(result.name)}`, 'name', nameRule)]),
    ...validateType(result),
    ...(of === 'task' && 'value' in result && result.value !== undefined ? validateValue(result, result.value) : []),
  ]);
}

function validateType(result: StepResult): readonly FieldError[] {
  const { name, type = 'string', properties } = result;
  if (type === 'object') {
    if (properties === undefined) return [missingField(`${name}.properties`)];
    const wrong = nonStringProperties(properties);
    if (wrong.length === 0) return [];
    const message = `The value type specified for these keys ${goList(wrong)} is invalid, the type must be string`;
    return [fieldError(message, `${name}.properties`)];
  }
  return type === 'string' || type === 'array' || type === '' ? [] : [invalidValue(type, 'type', 'type must be string')];
}

/** A task result taken from a step's. */
function validateValue(result: TaskResult, value: string): readonly FieldError[] {
  if (result.type !== undefined && result.type !== 'string') {
    return [fieldError(`Invalid Type. Wanted string but got: "${result.type}"`, 'type')];
  }
  const match = /\$\(steps\.([^\n]*?)\.results\.([^\n]*?)\)/.exec(value);
  if (match === null) {
    const message = `Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got "${value}"`;
    return [fieldError(message, `${result.name}.value`)];
  }
  const [, step = '', name = ''] = match;
  const errors: FieldError[] = [];
  if (!isDnsLabel(step)) {
    errors.push(
      fieldError(
        `invalid extracted step name ${goQuote(step)}`,
        `${result.name}.value`,
        'stepName in $(steps.<stepName>.results.<resultName>) must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
      ),
    );
  }
  if (!isResultName(name)) {
    errors.push(
      fieldError(
        `invalid extracted result name ${goQuote(name)}`,
        `${result.name}.value`,
        `resultName in $(steps.<stepName>.results.<resultName>) must be a valid result name. ${nameRule}`,
      ),
    );
  }
  return errors;
}
