import type { PodTemplate } from './core/pod-fields.ts';
import type { EngineConfig } from './engine-config.ts';
import { requireBeta } from './feature-gates.ts';
import { type FieldError, fieldError, invalidValue, missingField, oneOfMultiple, underEach } from './field-error.ts';
import type { Condition } from './object.ts';
import { repeated } from './param-specs.ts';
import type { ContainerOverride } from './task-run/schema.ts';
import { validateWorkspaceBinding } from './validate-workspace-binding.ts';
import type { WorkspaceBinding } from './workspaces.ts';

/** What the kinds of runs have in common. */

interface Run {
  readonly status?: { readonly startTime?: string | undefined; readonly conditions?: readonly Condition[] | undefined } | undefined;
}

export function hasStarted(run: Run): boolean {
  return run.status?.startTime !== undefined;
}

/** Done: the condition `Succeeded` is no longer `Unknown`. */
export function isDone(run: Run): boolean {
  const condition = run.status?.conditions?.find((candidate) => candidate.type === 'Succeeded');
  return condition !== undefined && condition.status !== 'Unknown';
}

/** TaskRuns and CustomRuns: each sound, no name twice, whatever its case. */
export function validateWorkspaceBindings(bindings: readonly WorkspaceBinding[] | undefined): readonly FieldError[] {
  if (bindings === undefined) return [];
  return [
    ...underEach('workspaces', bindings, validateWorkspaceBinding),
    ...repeated(bindings.map((binding) => binding.name)).map((index) => oneOfMultiple(`workspaces[${index}].name`)),
  ];
}

/** `stepSpecs` and `sidecarSpecs` (beta). */
export function validateOverrides(
  field: 'stepSpecs' | 'sidecarSpecs',
  overrides: readonly ContainerOverride[] | undefined,
  config: EngineConfig,
): readonly FieldError[] {
  if (overrides === undefined) return [];
  const again = new Set(repeated(overrides.map((override) => override.name)));
  return [
    ...requireBeta(field, config, field),
    ...underEach(field, overrides, ({ name }, index) => {
      if (name === '') return [missingField('name')];
      return again.has(index) ? [oneOfMultiple('name')] : [];
    }),
  ];
}

/** Variables that `default-forbidden-env` keeps from being set. Upstream spells the path with capitals. */
export function validatePodTemplate(template: PodTemplate | undefined, config: EngineConfig): readonly FieldError[] {
  const forbidden = new Set(config['default-forbidden-env']);
  return (template?.env ?? [])
    .filter(({ name }) => forbidden.has(name))
    .map(({ name }) => invalidValue(`PodTemplate cannot update a forbidden env: ${name}`, 'PodTemplate.Env'));
}

/** `managedBy` says whose run it is; that does not change. */
export function validateManagedBy(before: string | undefined, after: string | undefined): readonly FieldError[] {
  return before === after ? [] : [fieldError('invalid value: managedBy is immutable', 'spec.managedBy')];
}
