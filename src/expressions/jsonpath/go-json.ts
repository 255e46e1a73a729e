import { compareUtf8 } from '../compare-utf8.ts';

/** A list or an object that is being written. */
interface Container {
  /** Of an object: its keys, one for each member. */
  readonly keys: readonly string[] | undefined;
  readonly members: readonly unknown[];
  written: number;
}

/**
 * JSON text as Go's encoding/json writes it: compact, keys of objects in byte order, `<`, `>`, `&`, U+2028 and U+2029 escaped, control
 * characters as `\b \f \n \r \t` or `\u00XX`, lone surrogates as U+FFFD, `-0` kept. Numbers are float64: the shortest digits and the exponent
 * thresholds are JavaScript's own. A Map counts as an object; a bigint is written as the integer it is; `undefined` members are left out.
 * Values may be nested to any depth.
 */
export function goJson(value: unknown): string {
  const open: Container[] = [];
  let text = '';
  for (let current = value; ; ) {
    const container = containerOf(current);
    if (container) {
      open.push(container);
      text += container.keys ? '{' : '[';
    } else text += scalar(current);
    let innermost = open.at(-1);
    while (innermost && innermost.written === innermost.members.length) {
      text += innermost.keys ? '}' : ']';
      open.pop();
      innermost = open.at(-1);
    }
    if (!innermost) return text;
    if (innermost.written > 0) text += ',';
    if (innermost.keys) text += `"${goJsonStringContent(innermost.keys[innermost.written] ?? '')}":`;
    current = innermost.members[innermost.written];
    innermost.written += 1;
  }
}

function scalar(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${goJsonStringContent(value)}"`;
    case 'number':
      return goNumber(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return 'null';
  }
}

function containerOf(value: unknown): Container | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return { keys: undefined, members: value, written: 0 };
  const entries: [string, unknown][] =
    value instanceof Map ? [...value.entries()].map(([key, member]) => [String(key), member]) : Object.entries(value);
  const members = entries.filter(([, member]) => member !== undefined).sort(([a], [b]) => compareUtf8(a, b));
  return { keys: members.map(([key]) => key), members: members.map(([, member]) => member), written: 0 };
}

/** A float64 as Go's JSON prints it. NaN and infinities have no JSON; they become `null`, as in JavaScript. */
export function goNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
}

const needsEscape = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/;

/** A JSON string's inside, without the quotes. */
export function goJsonStringContent(text: string): string {
  if (!needsEscape.test(text)) return text;
  return text.replace(/["\\<>&\u0000-\u001f\u2028\u2029]|\p{Cs}/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\b':
      return '\\b';
    case '\f':
      return '\\f';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
  }
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}
