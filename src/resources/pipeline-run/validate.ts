import { findVariables } from '../../expressions/variables/find-variables.ts';
import { goQuote } from '../../expressions/variables/go-quote.ts';
import { looksLikeResultReference, parseResultReference, textsOf } from '../../expressions/variables/result-reference.ts';
import type { EngineConfig } from '../engine-config.ts';
import {
  disallowedField,
  type FieldError,
  fieldError,
  invalidValue,
  oneOfMissing,
  oneOfMultiple,
  under,
  underEach,
} from '../field-error.ts';
import { goList } from '../go-format.ts';
import { validateParamNames } from '../param-specs.ts';
import { validatePipelineSpec } from '../pipeline/validate.ts';
import { validateInlinePipeline } from '../pipeline/validate-usage.ts';
import { validateRunAnnotations } from '../run-annotations.ts';
import { sameValue } from '../same-value.ts';
import { validateReference } from '../validate-reference.ts';
import {
  hasStarted,
  isDone,
  validateComputeResources,
  validateManagedBy,
  validateOverrides,
  validatePodTemplate,
} from '../validate-run.ts';
import { validateWorkspaceBinding } from '../validate-workspace-binding.ts';
import type { PipelineRun, PipelineRunSpec } from './schema.ts';
import { validateTimeouts } from './validate-timeouts.ts';

export function validatePipelineRun(run: PipelineRun, config: EngineConfig): readonly FieldError[] {
  const pendingTooLate = run.spec.status === 'PipelineRunPending' && hasStarted(run);
  return [
    ...(pendingTooLate ? [invalidValue('PipelineRun cannot be Pending after it is started', 'spec.status')] : []),
    ...validateRunAnnotations(run.metadata.annotations),
    ...under('spec', validatePipelineRunSpec(run.spec, config)),
  ];
}

export function validatePipelineRunSpec(spec: PipelineRunSpec, config: EngineConfig): readonly FieldError[] {
  return [
    ...validateWhatRuns(spec, config),
    ...under('params', validateParamNames(spec.params)),
    ...validateParamValues(spec),
    ...validateStatus(spec.status ?? ''),
    ...validateWorkspaces(spec),
    ...validateTimeouts(spec, config),
    ...under('taskRunTemplate', validatePodTemplate(spec.taskRunTemplate?.podTemplate, config)),
    ...underEach('taskRunSpecs', spec.taskRunSpecs, (own) => [
      ...validateOverrides('stepSpecs', own.stepSpecs, config),
      ...validateOverrides('sidecarSpecs', own.sidecarSpecs, config),
      ...validateComputeResources(own, config),
      ...validatePodTemplate(own.podTemplate, config),
    ]),
  ];
}

function validateWhatRuns(spec: PipelineRunSpec, config: EngineConfig): readonly FieldError[] {
  const { pipelineRef, pipelineSpec } = spec;
  const errors: FieldError[] = [];
  if (pipelineRef === undefined && pipelineSpec === undefined) errors.push(oneOfMissing('pipelineRef', 'pipelineSpec'));
  if (pipelineRef !== undefined && pipelineSpec !== undefined) errors.push(oneOfMultiple('pipelineRef', 'pipelineSpec'));
  if (pipelineRef !== undefined) errors.push(...under('pipelineRef', validateReference(pipelineRef, config)));
  if (pipelineSpec !== undefined) {
    if (config['disable-inline-spec'].split(',').includes('pipelinerun')) errors.push(disallowedField('pipelineSpec'));
    errors.push(
      ...under('pipelineSpec', validatePipelineSpec(pipelineSpec, config)),
      ...validateInlinePipeline(pipelineSpec, spec.params, config),
    );
  }
  return errors;
}

/** Nothing has run yet: there are no results a run's own params could take. */
function validateParamValues(spec: PipelineRunSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const { name, value } of spec.params ?? []) {
    const expressions = textsOf(value).flatMap((text) => findVariables(text).map(({ expression }) => expression));
    const results = expressions.filter(looksLikeResultReference);
    if (!results.some((expression) => parseResultReference(expression) !== undefined)) continue;
    const message = `cannot use result expressions in ${goList(results)} as PipelineRun parameter values`;
    errors.push(...under('params', under(`[${name}]`, [invalidValue(message, 'value')])));
  }
  return errors;
}

const statuses: ReadonlySet<string> = new Set(['', 'Cancelled', 'CancelledRunFinally', 'StoppedRunFinally', 'PipelineRunPending']);

function validateStatus(status: string): readonly FieldError[] {
  if (statuses.has(status)) return [];
  return [invalidValue(`${status} should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending`, 'status')];
}

function validateWorkspaces(spec: PipelineRunSpec): readonly FieldError[] {
  const seen = new Map<string, number>();
  return underEach('workspaces', spec.workspaces, (binding, index) => {
    const errors = [...validateWorkspaceBinding(binding)];
    const before = seen.get(binding.name);
    seen.set(binding.name, index);
    if (before === undefined) return errors;
    const message = `workspace ${goQuote(binding.name)} provided by pipelinerun more than once, at index ${before} and ${index}`;
    return [...errors, fieldError(message, 'name')];
  });
}

/** Both defaulted. */
export function validatePipelineRunUpdate(before: PipelineRun, after: PipelineRun): readonly FieldError[] {
  const managedBy = validateManagedBy(before.spec.managedBy, after.spec.managedBy);
  if (isDone(before)) {
    if (sameValue(before.spec, after.spec)) return managedBy;
    return [...managedBy, fieldError('invalid value: Once the PipelineRun is complete, no updates are allowed', 'spec')];
  }
  const { status, managedBy: owner } = after.spec;
  // Upstream refuses this even before the PipelineRun has started.
  if (sameValue({ ...before.spec, status, managedBy: owner }, after.spec)) return managedBy;
  return [...managedBy, fieldError('invalid value: Once the PipelineRun has started, only status updates are allowed', 'spec')];
}
