import { replaceString } from '../../expressions/variables/replace-string.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import type { PodTemplate } from '../core/pod-fields.ts';
import { replaceInVolume } from './replace-volume.ts';

/**
 * A pod template with its variables replaced: in volumes where a task's have them, anywhere else in every text, names of variables and labels included.
 * Upstream lists the fields one by one and comes to the same.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/resources/apply.go, `ApplyPodTemplateReplacements`.
 */
export function replaceInPodTemplate({ volumes, ...rest }: PodTemplate, r: Replacements): PodTemplate {
  return { ...(inEveryText(rest, r) as PodTemplate), ...(volumes && { volumes: volumes.map((volume) => replaceInVolume(volume, r)) }) };
}

/** Goes no deeper than what admission lets in. */
function inEveryText(value: unknown, r: Replacements): unknown {
  if (typeof value === 'string') return replaceString(value, r);
  if (Array.isArray(value)) return value.map((item) => inEveryText(item, r));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [replaceString(key, r), inEveryText(item, r)]));
}
