/** CEL counts code points, JavaScript UTF-16 units; they are the same for text without surrogates, which is nearly all text. */

const SURROGATE = /[\ud800-\udfff]/;

export function codePointCount(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text's code points as strings. */
export function codePoints(text: string): readonly string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split('');
}

/** `text` from code point `start` to before `end`. */
export function sliceCodePoints(text: string, start: number, end: number): string {
  return SURROGATE.test(text) ? Array.from(text).slice(start, end).join('') : text.slice(start, end);
}
