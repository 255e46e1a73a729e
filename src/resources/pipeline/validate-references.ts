import { findVariables } from '../../expressions/variables/find-variables.ts';
import { unknownVariable } from '../../expressions/variables/reference-rules.ts';
import {
  findResultReferences,
  looksLikeResultReference,
  parseResultReference,
  textsOf,
} from '../../expressions/variables/result-reference.ts';
import { type FieldError, fieldError, invalidValue, under, underEach } from '../field-error.ts';
import { goList } from '../go-format.ts';
import type { Param } from '../params.ts';
import { dependencyTexts } from './dependencies.ts';
import type { PipelineResult, PipelineSpec, PipelineTask } from './schema.ts';

/** 2.7 (6, 7, 9 to 12, 16): what variables of a pipeline may refer to. Paths are relative to the spec. */
export function validatePipelineReferences(spec: PipelineSpec): readonly FieldError[] {
  const { tasks = [], finally: finals = [] } = spec;
  const nested = new Set(tasks.filter((task) => task.pipelineRef !== undefined || task.pipelineSpec !== undefined).map(({ name }) => name));
  const dagNames = new Set(tasks.map((task) => task.name));
  const finalNames = new Set(finals.map((task) => task.name));
  const anywhere = (task: PipelineTask): readonly FieldError[] => [...validatePrefixes(task), ...validateNestedResults(task, nested)];
  return [
    ...under('tasks', validateContext(tasks.at(-1))),
    ...under('finally', validateContext(finals.at(-1))),
    ...underEach('tasks', tasks, (task) => [...anywhere(task), ...validateNoStatus(task)]),
    ...underEach('finally', finals, (task) => [...anywhere(task), ...validateFinalTask(task, dagNames, finalNames)]),
    ...underEach('results', spec.results, (result) => validateResult(result, dagNames, finalNames)),
  ];
}

const contexts: readonly (readonly [prefix: string, names: ReadonlySet<string>])[] = [
  ['context.pipelineRun', new Set(['name', 'namespace', 'uid'])],
  ['context.pipeline', new Set(['name'])],
  ['context.pipelineTask', new Set(['retries'])],
];

/** Upstream looks only at the last task of a list, and does not say where. */
function validateContext(last: PipelineTask | undefined): readonly FieldError[] {
  const { params = [], matrix } = last ?? {};
  const all = [...params, ...(matrix?.params ?? []), ...(matrix?.include ?? []).flatMap((include) => include.params ?? [])];
  return all
    .flatMap(({ value }) => textsOf(value))
    .flatMap((text) => contexts.flatMap(([prefix, names]) => unknownVariable(text, prefix, names) ?? []))
    .map((message) => fieldError(message, 'value'));
}

const prefixes: ReadonlySet<string> = new Set(['params', 'tasks', 'finally', 'context', 'workspaces', 'results']);

function validatePrefixes(task: PipelineTask): readonly FieldError[] {
  const { params, matrix } = task;
  const check = (place: Place): readonly FieldError[] =>
    place.expressions
      .filter((expression) => !prefixes.has(expression.split('.')[0] ?? ''))
      .map((expression) =>
        invalidValue(
          `invalid variable reference "$(${expression})", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use $\{VAR} instead`,
          place.path,
        ),
      );
  return [
    ...under('params', placesOfParams(params).flatMap(check)),
    ...placesOfWhen(task).flatMap(check),
    ...under('matrix.params', placesOfParams(matrix?.params).flatMap(check)),
    ...underEach('matrix.include', matrix?.include, (include) => under('params', placesOfParams(include.params).flatMap(check))),
  ];
}

/** A param's value or a guard, and the variables in it. */
interface Place {
  readonly path: string;
  readonly expressions: readonly string[];
}

/** Paths begin with the name in brackets. */
function placesOfParams(params: readonly Param[] | undefined): readonly Place[] {
  return (params ?? []).map(({ name, value }) => ({ path: `[${name}].value`, expressions: textsOf(value).flatMap(expressionsIn) }));
}

function placesOfWhen({ when = [] }: PipelineTask): readonly Place[] {
  return when.map(({ input = '', cel = '', values = [] }, index) => ({
    path: `when[${index}]`,
    expressions: [input, cel, ...values].flatMap(expressionsIn),
  }));
}

function expressionsIn(text: string): readonly string[] {
  return findVariables(text).map(({ expression }) => expression);
}

/** Params and guards, with their whole paths. */
function placesOf(task: PipelineTask): readonly Place[] {
  return [...placesOfParams(task.params).map((place) => ({ ...place, path: inParams(place.path) })), ...placesOfWhen(task)];
}

function inParams(path: string): string {
  return under('params', [fieldError('', path)])[0]?.paths[0] ?? '';
}

/** Results of child pipelines do not come out (yet, upstream says). */
function validateNestedResults(task: PipelineTask, nested: ReadonlySet<string>): readonly FieldError[] {
  if (nested.size === 0) return [];
  return dependencyTexts(task)
    .flatMap((text) => (text.includes('$(') ? findResultReferences(text) : []))
    .filter((reference) => nested.has(reference.task))
    .map((reference) =>
      invalidValue(
        `result reference to pipelineTask "${reference.task}" is not supported: referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented`,
        '',
      ),
    );
}

/** `tasks.status`, `tasks.x.status`, `tasks.x.reason`: known only when the graph is done. */
function isStatus(expression: string): boolean {
  return expression.startsWith('tasks.') && (expression.endsWith('.status') || expression.endsWith('.reason'));
}

function validateNoStatus(task: PipelineTask): readonly FieldError[] {
  const message = 'pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks';
  return placesOf(task)
    .filter(({ expressions }) => !expressions.some(looksLikeResultReference) && expressions.some(isStatus))
    .map(({ path }) => invalidValue(message, path));
}

function validateFinalTask(task: PipelineTask, dagNames: ReadonlySet<string>, finalNames: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((task.runAfter ?? []).length > 0) {
    errors.push(invalidValue(`no runAfter allowed under spec.finally, final task ${task.name} has runAfter specified`, ''));
  }
  for (const { path, expressions } of placesOf(task)) {
    if (expressions.some(looksLikeResultReference)) {
      const words = 'invalid task result reference, final task has task result reference from a';
      for (const { task: producer } of expressions.flatMap((expression) => parseResultReference(expression) ?? [])) {
        if (finalNames.has(producer)) errors.push(invalidValue(`${words} final task ${producer}`, path));
        else if (!dagNames.has(producer)) errors.push(invalidValue(`${words} task ${producer} which is not defined in the pipeline`, path));
      }
      continue;
    }
    for (const expression of expressions.filter((each) => isStatus(each) && each !== 'tasks.status')) {
      const watched = expression.replace(/^tasks\./, '').replace(/\.(?:status|reason)$/, '');
      if (!dagNames.has(watched)) errors.push(invalidValue(`pipeline task ${watched} is not defined in the pipeline`, path));
    }
  }
  return errors;
}

function validateResult({ value }: PipelineResult, dagNames: ReadonlySet<string>, finalNames: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  const words = 'expected pipeline results to be task result expressions but';
  const expressions = textsOf(value).flatMap(expressionsIn);
  const resultLike = expressions.filter(looksLikeResultReference);
  const parsed = resultLike.filter((expression) => parseResultReference(expression) !== undefined);
  if (expressions.length === 0) errors.push(invalidValue(`${words} no expressions were found`, 'value'));
  if (resultLike.length === 0) errors.push(invalidValue(`${words} an invalid expressions was found`, 'value'));
  if (parsed.length !== resultLike.length) {
    const message = `expected all of the expressions ${goList(resultLike)} to be result expressions but only ${goList(parsed)} were`;
    errors.push(invalidValue(message, 'value'));
  }
  if (typeof value === 'string' && !refersToTasks(value, dagNames, finalNames))
    errors.push(invalidValue('referencing a nonexistent task', 'value'));
  return errors;
}

/** Upstream takes a text to pieces at every `$`, so that one with anything before its first variable refers to nothing. */
function refersToTasks(value: string, dagNames: ReadonlySet<string>, finalNames: ReadonlySet<string>): boolean {
  for (const piece of value.split('$')) {
    if (piece === '') continue;
    const expression = `$${piece}`.replace(/^\$\(/, '').replace(/\)$/, '');
    const reference = parseResultReference(expression);
    if (reference === undefined) return false;
    if (expression.startsWith('tasks') && !dagNames.has(reference.task)) return false;
    if (expression.startsWith('finally') && !finalNames.has(reference.task)) return false;
  }
  return true;
}
