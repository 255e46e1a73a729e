import type { Json } from './json-value.ts';
import { compareStrings } from './ordering.ts';

/** JSON text as Go's `encoding/json` writes it: keys sorted by bytes, `<`, `>`, `&` and the line separators escaped. Data of limited depth. */
export function goJson(value: Json): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => compareStrings(a, b));
  return `{${members.map(([key, member]) => `${quote(key)}:${goJson(member)}`).join(',')}}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (special) => `\\u${special.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
