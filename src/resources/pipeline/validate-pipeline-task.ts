import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireAlpha, requireBeta } from '../feature-gates.ts';
import { disallowedField, type FieldError, fieldError, invalidValue, oneOfMissing, under } from '../field-error.ts';
import { isDnsLabel } from '../names.ts';
import { validateTaskSpec } from '../task/validate.ts';
import { validateReference } from '../validate-reference.ts';
import { validateWhenExpressions } from '../validate-when.ts';
import type { PipelineSpec, PipelineTask } from './schema.ts';
import { uniqueParams, validateMatrix } from './validate-matrix.ts';

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
    ...uniqueParams(task.params),
    ...validateMatrix(task, config),
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
  if (pipelineRef !== undefined) {
    errors.push(...requireAlpha('pipelineRef', config, 'pipelineRef'), ...under('pipelineRef', validateReference(pipelineRef, config)));
  }
  if (pipelineSpec !== undefined) {
    errors.push(...requireAlpha('pipelineSpec', config, 'pipelineSpec'), ...under('pipelineSpec', validateNested(pipelineSpec)));
  }
  if (taskRef !== undefined) errors.push(...validateTaskReference(taskRef, config));
  if (taskSpec !== undefined) errors.push(...validateEmbedded(taskSpec, config));
  return errors;
}

function validateTaskReference(ref: NonNullable<PipelineTask['taskRef']>, config: EngineConfig): readonly FieldError[] {
  const { kind = '', apiVersion = '' } = ref;
  if (apiVersion === '' && (kind === '' || kind === 'Task')) return under('taskRef', validateReference(ref, config));
  return validateCustomTask('ref', kind, apiVersion, 'taskRef');
}

function validateEmbedded(spec: NonNullable<PipelineTask['taskSpec']>, config: EngineConfig): readonly FieldError[] {
  const { kind = '', apiVersion = '' } = spec;
  const errors: FieldError[] = [];
  if (config['disable-inline-spec'].split(',').includes('pipeline')) errors.push(disallowedField('taskSpec'));
  if ((spec.steps ?? []).length > 0) {
    if (apiVersion !== '')
      errors.push(fieldError('taskSpec.apiVersion cannot be specified when using taskSpec.steps', 'taskSpec.apiVersion'));
    if (kind !== '') errors.push(fieldError('taskSpec.kind cannot be specified when using taskSpec.steps', 'taskSpec.kind'));
    return [...errors, ...under('taskSpec', validateTaskSpec(spec, config))];
  }
  if (apiVersion === '' && kind === '') return [...errors, ...under('taskSpec', validateTaskSpec(spec, config))];
  return [...errors, ...validateCustomTask('spec', kind, apiVersion, 'taskSpec')];
}

function validateCustomTask(form: 'ref' | 'spec', kind: string, apiVersion: string, field: string): readonly FieldError[] {
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
  if (onError === '') return [];
  const errors: FieldError[] = [...requireBeta('OnError', config, 'OnError')];
  if (onError.startsWith('$(params')) return errors;
  if (onError !== 'continue' && onError !== 'stopAndFail') {
    errors.push(invalidValue(onError, 'OnError', 'PipelineTask OnError must be either "continue" or "stopAndFail"'));
  }
  if (onError === 'continue' && retries > 0) {
    errors.push(fieldError('PipelineTask OnError cannot be set to "continue" when Retries is greater than 0', ''));
  }
  return errors;
}
