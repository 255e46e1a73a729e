import { replaceString } from './replace-string.ts';
import type { Replacements } from './replacements.ts';

/**
 * One element of a list: when it is exactly `$(k)` or `$(k[*])` of an array, all the array's elements (none deletes it);
 * otherwise itself with strings replaced. Upstream: substitution.ApplyArrayReplacements.
 */
export function replaceElement(element: string, replacements: Replacements): readonly string[] {
  return wholeArray(element, replacements) ?? [replaceString(element, replacements)];
}

/** `command`, `args`, array values, `when.values`: each element by `replaceElement`. */
export function replaceList(elements: readonly string[], replacements: Replacements): readonly string[] {
  return elements.flatMap((element) => replaceElement(element, replacements));
}

function wholeArray(element: string, { arrays }: Replacements): readonly string[] | undefined {
  if (arrays.size === 0 || !element.startsWith('$(') || !element.endsWith(')')) return undefined;
  const key = element.slice(2, -1);
  return arrays.get(key) ?? (key.endsWith('[*]') ? arrays.get(key.slice(0, -3)) : undefined);
}
