import type { ParamValue } from './param-value.ts';
import { replaceElement, replaceList } from './replace-list.ts';
import { replaceString } from './replace-string.ts';
import type { Replacements } from './replacements.ts';

const exactlyOneVariable = /^\$\([_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?\)$/;

/**
 * A param's value. A string that is exactly one dotted reference to an array or object takes that type; mixed with other text such
 * references stay literal. Upstream: ParamValue.ApplyReplacements; its regular expression does not know bracket spellings, so
 * `$(params["a"][*])` stays a string there and here.
 */
export function replaceParamValue(value: ParamValue, replacements: Replacements): ParamValue {
  if (typeof value === 'string') return replaceWholeString(value, replacements);
  if (isList(value)) return replaceList(value, replacements);
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, replaceString(text, replacements)]));
}

function replaceWholeString(text: string, replacements: Replacements): ParamValue {
  if (!exactlyOneVariable.test(text)) return replaceString(text, replacements);
  const key = text.slice(2, text.endsWith('[*])') ? -4 : -1);
  const object = replacements.objects.get(key);
  if (object !== undefined) return object;
  if (replacements.arrays.has(key)) return replaceElement(text, replacements);
  return replaceString(text, replacements);
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
