import type { ParamValue } from '../../expressions/variables/param-value.ts';
import type { Param } from '../params.ts';
import type { PipelineTask } from './schema.ts';

/** A text of a pipeline task in which variables are replaced. */
export interface PipelineTaskText {
  /** `params[x].value`, `matrix.params[x].value`, `when[0]`. */
  readonly path: string;
  readonly text: string;
  /** Where the rules about arrays differ: a param's whole value, an element of an array, one of `when.values`, or plain text. */
  readonly place: 'value' | 'element' | 'plain';
}

/** Params, matrix and when, in the order upstream looks at them; only texts with a variable in them. */
export function pipelineTaskTexts(task: PipelineTask): readonly PipelineTaskText[] {
  const found: PipelineTaskText[] = [];
  const add = (path: string, text: string | undefined, place: PipelineTaskText['place']): void => {
    if (text?.includes('$(')) found.push({ path, text, place });
  };
  const addParams = (prefix: string, params: readonly Param[] | undefined): void => {
    for (const { name, value } of params ?? []) addValue(`${prefix}[${name}].value`, value);
  };
  const addValue = (path: string, value: ParamValue): void => {
    if (typeof value === 'string') add(path, value, 'value');
    else for (const text of Object.values(value)) add(path, text, Array.isArray(value) ? 'element' : 'plain');
  };
  addParams('params', task.params);
  addParams('matrix.params', task.matrix?.params);
  for (const [index, include] of (task.matrix?.include ?? []).entries()) addParams(`matrix.include[${index}].params`, include.params);
  for (const [index, { input, values, cel }] of (task.when ?? []).entries()) {
    add(`when[${index}]`, input, 'plain');
    for (const value of values ?? []) add(`when[${index}]`, value, 'element');
    add(`when[${index}]`, cel, 'plain');
  }
  return found;
}
