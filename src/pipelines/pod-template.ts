import type { PodTemplate } from '../resources/core/pod-fields.ts';

/**
 * A pipeline task's pod template over the run's: its own fields win whole, `env` and `volumes` go together by name.
 * Follows tektoncd/pipeline pkg/apis/pipeline/pod/template.go, `MergePodTemplateWithDefault`.
 */
export function mergePodTemplates(own: PodTemplate | undefined, base: PodTemplate | undefined): PodTemplate | undefined {
  if (own === undefined || base === undefined) return own ?? base;
  const env = byName(own.env, base.env);
  const volumes = byName(own.volumes, base.volumes);
  return { ...base, ...own, ...(env && { env }), ...(volumes && { volumes }) };
}

function byName<T extends { readonly name?: string | undefined }>(
  own: readonly T[] | undefined,
  base: readonly T[] | undefined,
): T[] | undefined {
  if (own === undefined || own.length === 0) return base && [...base];
  const names = new Set(own.map((each) => each.name));
  return [...own, ...(base ?? []).filter((each) => !names.has(each.name))];
}
