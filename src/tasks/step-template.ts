import type { EnvVar, VolumeMount } from '../resources/core/pod-fields.ts';
import type { Step, StepTemplate } from '../resources/task/schema.ts';

/**
 * A step laid over the step template: what the step sets wins. Lists of words are replaced whole (an explicit `args: []` counts as set), env is
 * merged by name and mounts by path, the step's entries first; resources and security contexts are merged key by key.
 * Follows the strategic merge of tektoncd/pipeline pkg/apis/pipeline/v1/merge.go.
 */
export function mergeStepTemplate(template: StepTemplate | undefined, step: Step): Step {
  if (template === undefined) return step;
  return {
    ...template,
    ...defined(step),
    ...(template.env && { env: mergeBy(template.env, step.env, ({ name }) => name, mergeEnv) }),
    ...(template.volumeMounts && {
      volumeMounts: mergeBy<VolumeMount>(
        template.volumeMounts,
        step.volumeMounts,
        ({ mountPath }) => mountPath,
        (base, over) => ({ ...base, ...defined(over) }),
      ),
    }),
    ...(template.computeResources && { computeResources: mergeObjects(template.computeResources, step.computeResources) }),
    ...(template.securityContext && { securityContext: mergeObjects(template.securityContext, step.securityContext) }),
  };
}

/** A value and a reference for one name: the step's whole entry counts. */
function mergeEnv(base: EnvVar, over: EnvVar): EnvVar {
  const merged = { ...base, ...defined(over) };
  return merged.value && merged.valueFrom ? over : merged;
}

function mergeBy<T>(base: readonly T[], over: readonly T[] | undefined, key: (entry: T) => string, merge: (base: T, over: T) => T): T[] {
  const bases = new Map(base.map((entry) => [key(entry), entry]));
  const keys = new Set((over ?? []).map(key));
  const merged = (over ?? []).map((entry) => {
    const under = bases.get(key(entry));
    return under === undefined ? entry : merge(under, entry);
  });
  return [...merged, ...base.filter((entry) => !keys.has(key(entry)))];
}

/** Plain objects are merged, everything else is replaced. Two levels are as deep as container fields go. */
export function mergeObjects<T extends object>(base: T, over: T | undefined): T {
  if (over === undefined) return base;
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(base));
  for (const [key, value] of Object.entries(defined(over))) {
    const under = merged[key];
    merged[key] = isPlain(under) && isPlain(value) ? { ...under, ...value } : value;
  }
  return merged as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
