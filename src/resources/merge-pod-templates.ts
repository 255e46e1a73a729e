import type { PodTemplate } from './core/pod-fields.ts';

/**
 * One pod template over another, a task's over the run's or a run's over the configured one: its own fields win whole, `env` and `volumes` go
 * together by name.
 * Follows tektoncd/pipeline pkg/apis/pipeline/pod/template.go, `MergePodTemplateWithDefault`.
 */
export function mergePodTemplates(own: PodTemplate | undefined, base: PodTemplate | undefined): PodTemplate | undefined {
  if (own === undefined || base === undefined || Object.keys(base).length === 0) return own ?? (base && withSomething(base));
  const env = byName(own.env, base.env);
  const volumes = byName(own.volumes, base.volumes);
  // Upstream cannot tell these two from absent ones.
  const schedulerName = own.schedulerName || base.schedulerName;
  const hostNetwork = own.hostNetwork || base.hostNetwork;
  return {
    ...base,
    ...own,
    ...(env && { env }),
    ...(volumes && { volumes }),
    ...(schedulerName && { schedulerName }),
    ...(hostNetwork && { hostNetwork }),
  };
}

function withSomething(template: PodTemplate): PodTemplate | undefined {
  return Object.keys(template).length === 0 ? undefined : template;
}

function byName<T extends { readonly name?: string | undefined }>(
  own: readonly T[] | undefined,
  base: readonly T[] | undefined,
): T[] | undefined {
  if (own === undefined || own.length === 0) return base && [...base];
  const names = new Set(own.map((each) => each.name));
  return [...own, ...(base ?? []).filter((each) => !names.has(each.name))];
}
