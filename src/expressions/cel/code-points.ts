/** CEL counts code points, JavaScript UTF-16 units; they are the same for text without surrogates, which is nearly all text. */

const SURROGATE = /[\ud800-\udfff]/;

export function codePointCount(text: string): number {
  return countBefore(text, text.length);
}

/** How many code points begin before the unit at `end`. */
export function countBefore(text: string, end: number): number {
  if (!SURROGATE.test(text)) return end;
  let count = 0;
  for (let unit = 0; unit < end; unit += widthAt(text, unit)) count += 1;
  return count;
}

/** The unit at which code point number `index` begins; that behind the text for an index that is too large. */
export function unitOf(text: string, index: number): number {
  if (!SURROGATE.test(text)) return Math.min(index, text.length);
  let unit = 0;
  for (let count = 0; count < index && unit < text.length; count++) unit += widthAt(text, unit);
  return unit;
}

/** The code point that begins at `unit`, as a string; empty behind the text. */
export function pointAt(text: string, unit: number): string {
  return text.slice(unit, unit + widthAt(text, unit));
}

/** The text's code points as strings. */
export function codePoints(text: string): string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split('');
}

/** 2 where a pair begins. */
function widthAt(text: string, unit: number): 1 | 2 {
  if ((text.charCodeAt(unit) & 0xfc00) !== 0xd800) return 1;
  return (text.charCodeAt(unit + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
}
