import { parseDuration } from '../duration.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireAlpha } from '../feature-gates.ts';
import { disallowedField, type FieldError, fieldError, oneOfMissing, oneOfMultiple, under } from '../field-error.ts';
import { combinedSpecs, specsOfValues, validateParamNames } from '../param-specs.ts';
import { sameValue } from '../same-value.ts';
import { validateTaskSpec } from '../task/validate.ts';
import { validateInlineSteps } from '../task/validate-usage.ts';
import { validateReference } from '../validate-reference.ts';
import {
  hasStarted,
  isDone,
  validateComputeResources,
  validateManagedBy,
  validateOverrides,
  validatePodTemplate,
  validateWorkspaceBindings,
} from '../validate-run.ts';
import type { TaskRun, TaskRunSpec } from './schema.ts';

export function validateTaskRun(run: TaskRun, config: EngineConfig): readonly FieldError[] {
  const pendingTooLate = run.spec.status === 'TaskRunPending' && hasStarted(run);
  return [
    ...(pendingTooLate ? [fieldError('invalid value: TaskRun cannot be Pending after it is started', 'spec.status')] : []),
    ...under('spec', validateTaskRunSpec(run.spec, config)),
  ];
}

export function validateTaskRunSpec(spec: TaskRunSpec, config: EngineConfig): readonly FieldError[] {
  return [
    ...validateWhatRuns(spec, config),
    ...under('params', validateParamNames(spec.params)),
    ...validateWorkspaceBindings(spec.workspaces),
    ...(spec.debug === undefined ? [] : under('debug', [...requireAlpha('debug', config), ...validateBreakpoints(spec.debug)])),
    ...validateOverrides('stepSpecs', spec.stepSpecs, config),
    ...validateOverrides('sidecarSpecs', spec.sidecarSpecs, config),
    ...validateComputeResources(spec, config),
    ...validateStatus(spec),
    ...((spec.retries ?? 0) < 0 ? [fieldError(`invalid value: ${spec.retries} should be >= 0`, 'retries')] : []),
    ...((parseDuration(spec.timeout ?? '0s') ?? 0) < 0 ? [fieldError(`invalid value: ${spec.timeout} should be >= 0`, 'timeout')] : []),
    ...validatePodTemplate(spec.podTemplate, config),
  ];
}

function validateWhatRuns(spec: TaskRunSpec, config: EngineConfig): readonly FieldError[] {
  const { taskRef, taskSpec } = spec;
  const errors: FieldError[] = [];
  if (taskRef === undefined && taskSpec === undefined) errors.push(oneOfMissing('taskRef', 'taskSpec'));
  if (taskRef !== undefined && taskSpec !== undefined) errors.push(oneOfMultiple('taskRef', 'taskSpec'));
  if (taskRef !== undefined) errors.push(...under('taskRef', validateReference(taskRef, config)));
  if (taskSpec !== undefined) {
    if (config['disable-inline-spec'].split(',').includes('taskrun')) errors.push(disallowedField('taskSpec'));
    errors.push(...under('taskSpec', validateTaskSpec(taskSpec, config)));
    const { specs, errors: lacking } = combinedSpecs(specsOfValues(spec.params), taskSpec.params);
    errors.push(...lacking);
    // Upstream looks at the steps once more with the run's params, and tells of them as if they stood in the run's spec.
    if (taskSpec.steps !== undefined) errors.push(...validateInlineSteps(taskSpec.steps, specs, config));
  }
  return errors;
}

function validateBreakpoints({ breakpoints }: NonNullable<TaskRunSpec['debug']>): readonly FieldError[] {
  if (breakpoints === undefined) return [];
  const errors: FieldError[] = [];
  const { onFailure = '', beforeSteps = [] } = breakpoints;
  // Upstream asks for it also where only beforeSteps are wanted.
  if (onFailure === '') {
    errors.push(
      fieldError('invalid value: onFailure breakpoint is empty, it is only allowed to be set as enabled', 'breakpoints.onFailure'),
    );
  } else if (onFailure !== 'enabled') {
    const message = `invalid value: ${onFailure} is not a valid onFailure breakpoint value, onFailure breakpoint is only allowed to be set as enabled`;
    errors.push(fieldError(message, 'breakpoints.onFailure'));
  }
  const seen = new Set<string>();
  for (const [index, step] of beforeSteps.entries()) {
    if (seen.has(step)) {
      errors.push(
        fieldError(`before step must be unique, the same step: ${step} is defined multiple times at`, `breakpoints.beforeSteps[${index}]`),
      );
    }
    seen.add(step);
  }
  return errors;
}

function validateStatus({ status = '', statusMessage = '' }: TaskRunSpec): readonly FieldError[] {
  if (status === '') {
    if (statusMessage === '') return [];
    const message = `statusMessage should not be set if status is not set, but it is currently set to ${statusMessage}`;
    return [fieldError(`invalid value: ${message}`, 'statusMessage')];
  }
  if (status === 'TaskRunCancelled' || status === 'TaskRunPending') return [];
  return [fieldError(`invalid value: ${status} should be TaskRunCancelled or TaskRunPending`, 'status')];
}

/** Both defaulted. */
export function validateTaskRunUpdate(before: TaskRun, after: TaskRun): readonly FieldError[] {
  const managedBy = validateManagedBy(before.spec.managedBy, after.spec.managedBy);
  if (isDone(before)) {
    if (sameValue(before.spec, after.spec)) return managedBy;
    return [...managedBy, fieldError('invalid value: Once the TaskRun is complete, no updates are allowed', 'spec')];
  }
  const { status, statusMessage, managedBy: owner } = after.spec;
  // Upstream refuses this even before the TaskRun has started.
  if (sameValue({ ...before.spec, status, statusMessage, managedBy: owner }, after.spec)) return managedBy;
  return [
    ...managedBy,
    fieldError('invalid value: Once the TaskRun has started, only status and statusMessage updates are allowed', 'spec'),
  ];
}
