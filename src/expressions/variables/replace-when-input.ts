import { goJson } from '../jsonpath/go-json.ts';
import { replaceString } from './replace-string.ts';
import type { Replacements } from './replacements.ts';

/** `when.input`: exactly `$(k[*])` of an array becomes the array's JSON text, anything else gets its strings replaced. */
export function replaceWhenInput(input: string, replacements: Replacements): string {
  if (input.startsWith('$(') && input.endsWith('[*])')) {
    const array = replacements.arrays.get(input.slice(2, -4));
    if (array !== undefined) return goJson(array);
  }
  return replaceString(input, replacements);
}
