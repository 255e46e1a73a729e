import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireAlpha, requireBeta } from '../feature-gates.ts';
import { disallowedField, type FieldError, fieldError, invalidValue, oneOfMissing, under } from '../field-error.ts';
import { isDnsLabel } from '../names.ts';
import { validateTaskSpec } from '../task/validate.ts';
import { validateReference } from '../validate-reference.ts';
import { validateWhenExpressions } from '../validate-when.ts';
import type { PipelineSpec, PipelineTask } from './schema.ts';

/** 2.7 (3). Paths are relative to the pipeline task. `validateNested` is validation of a whole spec, for pipelines in pipelines. */
export function validatePipelineTask(
  task: PipelineTask,
  config: EngineConfig,
  validateNested: (spec: PipelineSpec) => readonly FieldError[],
): readonly FieldError[] {
  return [
    ...(isDnsLabel(task.name) ? [] : [fieldError(`invalid value ${goQuote(task.name)}`, 'name', nameRule)]),
    ...validateWhatRuns(task, config, validateNested),
    ...validateOnError(task, config),
    ...validateWhenExpressions(task.when, config),
  ];
}

const nameRule =
  'Pipeline Task name must be a valid DNS Label.For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names';

function validateWhatRuns(
  task: PipelineTask,
  config: EngineConfig,
  validateNested: (spec: PipelineSpec) => readonly FieldError[],
): readonly FieldError[] {
  const { taskRef, taskSpec, pipelineRef, pipelineSpec } = task;
  const given = Object.entries({ pipelineRef, pipelineSpec, taskRef, taskSpec }).filter(([, part]) => part !== undefined);
  const errors: FieldError[] = [];
  if (given.length > 1) {
    errors.push(
      fieldError(
        'expected exactly one, got multiple',
        given.map(([field]) => field),
      ),
    );
  }
  if (given.length === 0) {
    const nested = config['enable-api-fields'] === 'alpha' ? ['pipelineRef', 'pipelineSpec'] : [];
    errors.push(oneOfMissing('taskRef', 'taskSpec', ...nested));
  }
  if (pipelineRef !== undefined) errors.push(...requireAlpha('pipelineRef', config));
  if (pipelineSpec !== undefined) errors.push(...requireAlpha('pipelineSpec', config));
  if (config['disable-inline-spec'].split(',').includes('pipeline')) {
    if (taskSpec !== undefined) errors.push(disallowedField('taskSpec'));
    if (pipelineSpec !== undefined) errors.push(disallowedField('pipelineSpec'));
  }
  errors.push(...validateRemote(task, config), ...validateEmbeddedOrType(taskSpec));
  if (isCustom(taskRef) || isCustom(taskSpec)) {
    return [...errors, ...validateCustomTask('ref', taskRef, 'taskRef'), ...validateCustomTask('spec', taskSpec, 'taskSpec')];
  }
  if (taskSpec !== undefined) errors.push(...under('taskSpec', validateTaskSpec(taskSpec, config)));
  if (taskRef !== undefined) errors.push(...under('taskRef', validateReference(taskRef, config)));
  if (pipelineRef !== undefined) errors.push(...under('pipelineRef', validateReference(pipelineRef, config)));
  if (pipelineSpec !== undefined) errors.push(...under('pipelineSpec', validateNested(pipelineSpec)));
  return errors;
}

/** Upstream tells of remote tasks twice: here, and in the reference itself. */
function validateRemote({ taskRef }: PipelineTask, config: EngineConfig): readonly FieldError[] {
  return [
    ...(taskRef?.resolver ? requireBeta('taskref.resolver', config) : []),
    ...((taskRef?.params ?? []).length > 0 ? requireBeta('taskref.params', config) : []),
  ];
}

function validateEmbeddedOrType(spec: PipelineTask['taskSpec']): readonly FieldError[] {
  if ((spec?.steps ?? []).length === 0) return [];
  return (['apiVersion', 'kind'] as const)
    .filter((field) => spec?.[field])
    .map((field) => fieldError(`taskSpec.${field} cannot be specified when using taskSpec.steps`, `taskSpec.${field}`));
}

interface Typed {
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
}

function isCustom(task: Typed | undefined): boolean {
  const { kind = '', apiVersion = '' } = task ?? {};
  return apiVersion !== '' || (kind !== '' && kind !== 'Task');
}

function validateCustomTask(form: 'ref' | 'spec', task: Typed | undefined, field: string): readonly FieldError[] {
  if (task === undefined) return [];
  const { kind = '', apiVersion = '' } = task;
  const errors: FieldError[] = [];
  if (kind === '') errors.push(invalidValue(`custom task ${form} must specify kind`, `${field}.kind`));
  if (apiVersion === '') errors.push(invalidValue(`custom task ${form} must specify apiVersion`, `${field}.apiVersion`));
  else if (!/^[^/]+\/[^/]+$/.test(apiVersion)) {
    errors.push(
      invalidValue(`invalid apiVersion format ${goQuote(apiVersion)}, must be in the format "group/version"`, `${field}.apiVersion`),
    );
  }
  return errors;
}

function validateOnError(task: PipelineTask, config: EngineConfig): readonly FieldError[] {
  const { onError = '', retries = 0 } = task;
  if (onError === '' || onError.startsWith('$(params')) return [];
  const errors: FieldError[] = [...requireBeta('OnError', config)];
  if (onError !== 'continue' && onError !== 'stopAndFail') {
    errors.push(invalidValue(onError, 'OnError', 'PipelineTask OnError must be either "continue" or "stopAndFail"'));
  }
  if (onError === 'continue' && retries > 0) {
    errors.push(fieldError('PipelineTask OnError cannot be set to "continue" when Retries is greater than 0'));
  }
  return errors;
}
