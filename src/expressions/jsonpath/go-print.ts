import { compareUtf8 } from '../compare-utf8.ts';

const longest = 200;

/** Go's `%v` of a JSON value, for messages; cut after 200 characters, since it is payload. */
export function goPrint(value: unknown): string {
  const text = print(value, 0);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function print(value: unknown, depth: number): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value !== 'object') return String(value);
  if (value === null) return '<nil>';
  if (depth > 8) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, longest).map((element) => print(element, depth + 1));
    return `[${shown.join(' ')}]`;
  }
  const entries: [string, unknown][] = value instanceof Map ? [...value.entries()] : Object.entries(value).slice(0, longest);
  const members = entries.sort(([a], [b]) => compareUtf8(a, b)).map(([key, member]) => `${key}:${print(member, depth + 1)}`);
  return `map[${members.join(' ')}]`;
}

/** `%v` of a float64 is `%g` with shortest digits: exponents have two digits at least and begin below 1e-4 and at 1e21. */
function printNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The Go type a JSON value is decoded to, for messages. */
export function goTypeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  }
}
