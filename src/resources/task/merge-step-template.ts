import type { ComputeResources, SecurityContext } from '../core/pod-fields.ts';
import type { Step, StepTemplate } from './schema.ts';

/**
 * Lays each step over the template, as Kubernetes' strategic merge does: what the step sets wins, `command`, `args` and `envFrom` are
 * replaced whole, `env` is merged by name, mounts and devices by path, resources and security context key by key.
 * Steps that refer to a StepAction wait until it is resolved. Source: reference/pipelines.md 6.5.
 */
export function mergeStepTemplate(template: StepTemplate | undefined, steps: readonly Step[]): readonly Step[] {
  if (template === undefined) return steps;
  return steps.map((step) => (step.ref === undefined ? mergeStep(template, step) : step));
}

function mergeStep(template: StepTemplate, step: Step): Step {
  const own = withoutEmpty(step);
  return {
    ...template,
    ...own,
    ...part(
      'env',
      mergeBy((entry) => entry.name, step.env, template.env),
    ),
    ...part(
      'volumeMounts',
      mergeBy((mount) => mount.mountPath, step.volumeMounts, template.volumeMounts),
    ),
    ...part(
      'volumeDevices',
      mergeBy((device) => device.devicePath, step.volumeDevices, template.volumeDevices),
    ),
    ...part('computeResources', mergeResources(template.computeResources, step.computeResources)),
    ...part('securityContext', mergeSecurity(template.securityContext, step.securityContext)),
  };
}

/** Go leaves empty strings out when it encodes, so that they do not override. An empty `args` does. */
function withoutEmpty(step: Step): Step {
  return Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined && value !== '')) as Step;
}

function part<K extends keyof Step>(key: K, value: Step[K]): Pick<Step, K> | object {
  return value === undefined ? {} : { [key]: value };
}

/** The step's entries first, then those only the template has. */
function mergeBy<T>(keyOf: (item: T) => string, own: T[] | undefined, base: T[] | undefined): T[] | undefined {
  if (own === undefined || base === undefined) return own ?? base;
  const keys = new Set(own.map(keyOf));
  return [...own, ...base.filter((item) => !keys.has(keyOf(item)))];
}

function mergeResources(base: ComputeResources | undefined, own: ComputeResources | undefined): ComputeResources | undefined {
  if (base === undefined || own === undefined) return own ?? base;
  return {
    ...base,
    ...own,
    ...(base.limits === undefined ? {} : { limits: { ...base.limits, ...own.limits } }),
    ...(base.requests === undefined ? {} : { requests: { ...base.requests, ...own.requests } }),
  };
}

function mergeSecurity(base: SecurityContext | undefined, own: SecurityContext | undefined): SecurityContext | undefined {
  if (base === undefined || own === undefined) return own ?? base;
  return { ...base, ...own };
}
