import type { ComputeResources, PodTemplate } from './core/pod-fields.ts';
import type { EngineConfig } from './engine-config.ts';
import { requireBeta } from './feature-gates.ts';
import { type FieldError, invalidValue, missingField, oneOfMultiple, underEach } from './field-error.ts';
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
  // Upstream counts the places of repeated names without those that have none.
  const names = overrides.map((override) => override.name).filter((name) => name !== '');
  return [
    ...requireBeta(field, config),
    ...underEach(field, overrides, ({ name }) => (name === '' ? [missingField('name')] : [])),
    ...repeated(names).map((index) => oneOfMultiple(`${field}[${index}].name`)),
  ];
}

/** A run's `computeResources` (beta), and those of its steps: one or the other. */
export function validateComputeResources(
  {
    computeResources,
    stepSpecs = [],
  }: { readonly computeResources?: ComputeResources | undefined; readonly stepSpecs?: readonly ContainerOverride[] | undefined },
  config: EngineConfig,
): readonly FieldError[] {
  if (computeResources === undefined) return [];
  const both = stepSpecs.some(({ computeResources: own }) => Object.values(own ?? {}).some((part) => Object.keys(part ?? {}).length > 0));
  return [...requireBeta('computeResources', config), ...(both ? [oneOfMultiple('stepSpecs.resources', 'computeResources')] : [])];
}

/** Variables that `default-forbidden-env` keeps from being set. Upstream spells the path with capitals. */
export function validatePodTemplate(template: PodTemplate | undefined, config: EngineConfig): readonly FieldError[] {
  const forbidden = new Set(config['default-forbidden-env']);
  return (template?.env ?? [])
    .filter(({ name }) => forbidden.has(name))
    .map(({ name }) => invalidValue(`PodTemplate cannot update a forbidden env: ${name}`, 'PodTemplate.Env'));
}

/** `managedBy` says whose run it is; that does not change. Upstream names `spec` twice. */
export function validateManagedBy(before: string | undefined, after: string | undefined): readonly FieldError[] {
  return before === after ? [] : [invalidValue('managedBy is immutable', 'spec.spec.managedBy')];
}
