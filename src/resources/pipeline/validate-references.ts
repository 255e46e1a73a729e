import { findVariables } from '../../expressions/variables/find-variables.ts';
import { unknownVariable } from '../../expressions/variables/reference-rules.ts';
import {
  findResultReferences,
  looksLikeResultReference,
  parseResultReference,
  textsOf,
} from '../../expressions/variables/result-reference.ts';
import { type FieldError, fieldError, invalidValue, underEach } from '../field-error.ts';
import { goList } from '../go-format.ts';
import { ownTexts } from './dependencies.ts';
import { pipelineTaskTexts } from './pipeline-task-texts.ts';
import type { PipelineResult, PipelineSpec, PipelineTask } from './schema.ts';

/** 2.7 (6, 7, 9 to 12, 16): what variables of a pipeline may refer to. Paths are relative to the spec. */
export function validatePipelineReferences(spec: PipelineSpec): readonly FieldError[] {
  const { tasks = [], finally: finals = [] } = spec;
  const byName = new Map([...tasks, ...finals].map((task) => [task.name, task]));
  const dagNames = new Set(tasks.map((task) => task.name));
  const finalNames = new Set(finals.map((task) => task.name));
  const anywhere = (task: PipelineTask): readonly FieldError[] => [
    ...validateContext(task),
    ...validatePrefixes(task),
    ...validateResultProducers(task, byName),
  ];
  return [
    ...underEach('tasks', tasks, (task) => [...anywhere(task), ...validateNoStatus(task)]),
    ...underEach('finally', finals, (task) => [...anywhere(task), ...validateFinalTask(task, dagNames, finalNames)]),
    ...underEach('results', spec.results, (result) => validateResult(result, dagNames, finalNames)),
  ];
}

const runContext: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);
const pipelineContext: ReadonlySet<string> = new Set(['name']);
const taskContext: ReadonlySet<string> = new Set(['retries']);

/** Upstream, by accident, looks only at the last task of a list. */
function validateContext(task: PipelineTask): readonly FieldError[] {
  return pipelineTaskTexts(task).flatMap(({ path, text }) => {
    if (!text.includes('$(context.') || path.startsWith('when')) return [];
    const message =
      unknownVariable(text, 'context.pipelineRun', runContext) ??
      unknownVariable(text, 'context.pipeline', pipelineContext) ??
      unknownVariable(text, 'context.pipelineTask', taskContext);
    return message === undefined ? [] : [fieldError(message, path)];
  });
}

const prefixes: ReadonlySet<string> = new Set(['params', 'tasks', 'finally', 'context', 'workspaces', 'results']);

function validatePrefixes(task: PipelineTask): readonly FieldError[] {
  return pipelineTaskTexts(task).flatMap(({ path, text }) =>
    findVariables(text)
      .filter(({ expression }) => !prefixes.has(/^[^.[]*/.exec(expression)?.[0] ?? ''))
      .map(({ expression }) =>
        fieldError(
          `invalid variable reference "$(${expression})", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use $\{VAR} instead`,
          path,
        ),
      ),
  );
}

/** Results of nested pipelines do not come out (yet, upstream says), those of matrixed tasks only as a whole. */
function validateResultProducers(task: PipelineTask, byName: ReadonlyMap<string, PipelineTask>): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const text of ownTexts(task)) {
    if (!text.includes('$(')) continue;
    for (const { expression } of findVariables(text)) {
      const reference = parseResultReference(expression);
      const producer = reference === undefined ? undefined : byName.get(reference.task);
      if (reference === undefined || producer === undefined) continue;
      if (producer.pipelineRef !== undefined || producer.pipelineSpec !== undefined) {
        errors.push(fieldError(`result reference to pipelineTask "${producer.name}" is not supported: ${nestedResults}`, ''));
      }
      if (producer.matrix === undefined) continue;
      if (!reference.whole) {
        const message = `A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to ${expression}`;
        errors.push(invalidValue(message, ''));
      }
      const declared = producer.taskSpec?.results?.find((result) => result.name === reference.result);
      if (declared?.type !== undefined && declared.type !== 'string') {
        const message = `Matrixed PipelineTasks emitting results must have an underlying type string, but result ${declared.name} has type ${declared.type} in pipelineTask`;
        errors.push(invalidValue(message, ''));
      }
    }
  }
  return errors;
}

const nestedResults = 'referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented';

/** `tasks.status`, `tasks.x.status`, `tasks.x.reason`: known only when the graph is done. */
function statusTask(expression: string): string | undefined {
  if (expression === 'tasks.status') return '';
  return /^tasks\.([^.]+)\.(?:status|reason)$/.exec(expression)?.[1];
}

function validateNoStatus(task: PipelineTask): readonly FieldError[] {
  const message = 'pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks';
  return pipelineTaskTexts(task)
    .filter(({ text }) => findVariables(text).some(({ expression }) => statusTask(expression) !== undefined))
    .map(({ path }) => invalidValue(message, path));
}

function validateFinalTask(task: PipelineTask, dagNames: ReadonlySet<string>, finalNames: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((task.runAfter ?? []).length > 0) {
    errors.push(invalidValue(`no runAfter allowed under spec.finally, final task ${task.name} has runAfter specified`, ''));
  }
  for (const { path, text } of pipelineTaskTexts(task)) {
    for (const { expression } of findVariables(text)) {
      const watched = statusTask(expression);
      if (watched !== undefined && watched !== '' && !dagNames.has(watched)) {
        errors.push(invalidValue(`pipeline task ${watched} is not defined in the pipeline`, path));
      }
    }
    for (const { task: producer } of findResultReferences(text)) {
      const words = 'invalid task result reference, final task has task result reference from a';
      if (finalNames.has(producer)) errors.push(invalidValue(`${words} final task ${producer}`, path));
      else if (!dagNames.has(producer)) errors.push(invalidValue(`${words} task ${producer} which is not defined in the pipeline`, path));
    }
  }
  return errors;
}

function validateResult({ value }: PipelineResult, dagNames: ReadonlySet<string>, finalNames: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  const words = 'expected pipeline results to be task result expressions but';
  const expressions = textsOf(value).flatMap((text) => findVariables(text).map(({ expression }) => expression));
  const resultLike = expressions.filter(looksLikeResultReference);
  const parsed = resultLike.filter((expression) => parseResultReference(expression) !== undefined);
  if (expressions.length === 0) errors.push(invalidValue(`${words} no expressions were found`, 'value'));
  if (resultLike.length === 0) errors.push(invalidValue(`${words} an invalid expressions was found`, 'value'));
  if (parsed.length !== resultLike.length) {
    const message = `expected all of the expressions ${goList(resultLike)} to be result expressions but only ${goList(parsed)} were`;
    errors.push(invalidValue(message, 'value'));
  }
  // Upstream looks only at the string form.
  const references = typeof value === 'string' ? findResultReferences(value) : [];
  if (references.some(({ scope, task }) => !(scope === 'tasks' ? dagNames : finalNames).has(task))) {
    errors.push(invalidValue('referencing a nonexistent task', 'value'));
  }
  return errors;
}
