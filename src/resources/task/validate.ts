import { goQuote } from '../../expressions/variables/go-quote.ts';
import { unknownVariable } from '../../expressions/variables/reference-rules.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireBeta } from '../feature-gates.ts';
import { type FieldError, fieldError, missingField, under, underEach } from '../field-error.ts';
import { validateParamTypes } from '../param-specs.ts';
import { mergeStepTemplate } from './merge-step-template.ts';
import type { Sidecar, Step, Task, TaskSpec } from './schema.ts';
import { validateStepResults, validateTaskResults } from './validate-results.ts';
import { cleanPath, scriptWithCommand, validateStep, validateUniqueNames } from './validate-step.ts';
import { validateParamVariables, validateTaskContext, validateUsageOfParams } from './validate-usage.ts';

export function validateTask(task: Task, config: EngineConfig): readonly FieldError[] {
  const steps = mergeStepTemplate(task.spec.stepTemplate, task.spec.steps ?? []);
  return under('spec', [...validateTaskSpec(task.spec, config), ...validateUsageOfParams(steps, task.spec.params ?? [])]);
}

/**
 * Everything 2.5 asks of a task, embedded or not, but that its params are declared: an embedded one may use those around it.
 * Also called by the engine on the resolved spec. Paths are relative to the spec.
 */
export function validateTaskSpec(spec: TaskSpec, config: EngineConfig): readonly FieldError[] {
  const steps = mergeStepTemplate(spec.stepTemplate, spec.steps ?? []);
  return [
    ...(steps.length === 0 ? [missingField('steps')] : []),
    ...validateVolumes(spec),
    ...validateWorkspaces(spec),
    ...validateIsolatedWorkspaces(spec, config),
    ...validateUniqueNames(steps),
    ...underEach('steps', steps, (step) => validateStep(step, config)),
    // Upstream puts the index behind `results`.
    ...under(
      'steps.results',
      steps.flatMap((step, index) => under(`[${index}]`, validateStepResults(step.results ?? []))),
    ),
    ...under('sidecars', (spec.sidecars ?? []).flatMap(validateSidecar)),
    ...under('params', validateParamTypes(spec.params)),
    ...validateParamVariables(steps, spec.params ?? [], config),
    ...validateTaskContext(steps),
    ...validateResultVariables(steps, spec),
    ...validateTaskResults(spec.results ?? []),
  ];
}

function validateVolumes(spec: TaskSpec): readonly FieldError[] {
  const seen = new Set<string>();
  return underEach('volumes', spec.volumes, ({ name }) => {
    if (seen.has(name)) return [fieldError(`multiple volumes with same name ${goQuote(name)}`, 'name')];
    seen.add(name);
    return [];
  });
}

function validateWorkspaces(spec: TaskSpec): readonly FieldError[] {
  if (spec.workspaces === undefined) return [];
  const names = new Set<string>();
  const mounts = [...(spec.steps ?? []), spec.stepTemplate ?? {}].flatMap((container) => container.volumeMounts ?? []);
  const paths = new Set(mounts.map((mount) => cleanPath(mount.mountPath)));
  return underEach('workspaces', spec.workspaces, (workspace) => {
    const errors: FieldError[] = [];
    if (names.has(workspace.name)) errors.push(fieldError(`workspace name ${goQuote(workspace.name)} must be unique`, 'name'));
    names.add(workspace.name);
    const path = cleanPath(workspace.mountPath || `/workspace/${workspace.name}`);
    if (paths.has(path)) errors.push(fieldError(`workspace mount path ${goQuote(path)} must be unique`, 'mountpath'));
    paths.add(path);
    return errors;
  });
}

/** Workspaces that only one step or sidecar sees. */
function validateIsolatedWorkspaces(spec: TaskSpec, config: EngineConfig): readonly FieldError[] {
  const declared = new Set(spec.workspaces?.map((workspace) => workspace.name));
  const check = (feature: string) => (container: Step | Sidecar) =>
    container.workspaces === undefined || container.workspaces.length === 0
      ? []
      : [
          ...requireBeta(feature, config),
          ...underEach('workspaces', container.workspaces, ({ name }) =>
            declared.has(name) ? [] : [fieldError(`undefined workspace ${goQuote(name)}`, 'name')],
          ),
        ];
  return [
    ...underEach('steps', spec.steps, check('step workspaces')),
    ...underEach('sidecars', spec.sidecars, check('sidecar workspaces')),
  ];
}

/** Upstream gives no index: every sidecar's error lies at `sidecars`. */
function validateSidecar(sidecar: Sidecar): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (sidecar.name === 'tekton-log-results') {
    errors.push(fieldError('Invalid: cannot use reserved sidecar name tekton-log-results ', 'name'));
  }
  if ((sidecar.image ?? '') === '') errors.push(missingField('image'));
  if ((sidecar.script ?? '') !== '' && (sidecar.command ?? []).length > 0) errors.push(scriptWithCommand);
  return errors;
}

/** Scripts alone are looked at. */
function validateResultVariables(steps: readonly Step[], spec: TaskSpec): readonly FieldError[] {
  const results = new Set(spec.results?.map((result) => result.name));
  return underEach('steps', steps, ({ script = '' }) => {
    const message = unknownVariable(script, 'results', results);
    return message === undefined ? [] : [fieldError(message, 'script')];
  });
}
