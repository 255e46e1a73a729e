import type { JsonLimits } from './scan-json.ts';

const QUOTE = 0x22;

/**
 * Whether a parsed document is one that `scanJson` and the search for repeated keys would pass, by a walk over the value and a look at the colons
 * of its text: half of what the scan of every byte costs. `false` may also mean "not sure": the scan knows, and says what and where.
 *
 * `JSON.parse` keeps one of two equal keys. So there is none if the value has as many keys as there are quotes before a colon, for every key
 * has one, and a string that begins with a colon, or an escaped quote before one, only makes the count too large.
 */
export function isPlainJson(value: unknown, bytes: Buffer, limits: JsonLimits): boolean {
  const keys = surveyValue(value, limits.maxDepth);
  return keys <= limits.maxKeys && keys === quotesBeforeColons(bytes.toString('latin1'));
}

/** How many keys a value has in all; `NaN` if it is too deep, has a dangerous key, or a number that no double holds. */
function surveyValue(value: unknown, depth: number): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return Number.NaN;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element !== 'string') keys += surveyValue(element, depth - 1);
    return keys;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    if (key === '__proto__') return Number.NaN;
    keys++;
    const member = object[key];
    if (typeof member !== 'string') keys += surveyValue(member, depth - 1);
  }
  return keys;
}

/** All that is looked at is ASCII, so that bytes of UTF-8 may stand for characters. */
function quotesBeforeColons(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let at = colon - 1;
    while (isSpace(text.charCodeAt(at))) at--;
    if (text.charCodeAt(at) === QUOTE) count++;
  }
  return count;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
