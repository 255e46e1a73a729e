import { isTrue, sortedKeys, toPlain, type Value } from './value.ts';

/** Words that YAML 1.1, which Kubernetes reads, takes for something else than text. */
const WORDS = /^(true|false|yes|no|on|off|y|n|null|~|[-+]?\.(inf|nan))$/i;

/** Numbers, times and dates of any YAML: what begins as one and has no letter that none of them has. */
const NUMBER_LIKE = /^[-+.]?[\d.][\d_.:a-fox+-]*$/i;
const PRINTABLE = /^[\x20-\x7e]+$/;
/** Colons and number signs mean something beside white space only. */
const PLAIN = /^(?:[A-Za-z\d/]|-(?=\S))(?:[^ :#]|:(?=[^ ])| (?=[^ #])|(?<! )#)*$/;

/** Block style, keys in order, as `toYaml` gives it; text that could be read as anything else is quoted. No line break at the end. */
export function toYaml(value: Value): string {
  if (value instanceof Map && isTrue(value))
    return sortedKeys(value)
      .map((key) => entry(`${scalar(key)}:`, value.get(key)))
      .join('\n');
  if (Array.isArray(value) && isTrue(value)) return value.map((item) => `- ${toYaml(item).replace(/\n/g, '\n  ')}`).join('\n');
  return scalar(value);
}

function entry(key: string, value: Value): string {
  if (!isTrue(value) || !(value instanceof Map || Array.isArray(value))) return `${key} ${scalar(value)}`;
  const text = toYaml(value);
  return `${key}\n${Array.isArray(value) ? text : text.replace(/^/gm, '  ')}`;
}

function scalar(value: Value): string {
  if (typeof value !== 'string') return JSON.stringify(toPlain(value ?? null));
  if (WORDS.test(value) || NUMBER_LIKE.test(value) || !PRINTABLE.test(value)) return JSON.stringify(value);
  return PLAIN.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}

/** As Go writes JSON: keys in order, and nothing in it that could end a script. */
export function toJson(value: Value): string {
  return jsonOf(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function jsonOf(value: Value): string {
  if (value instanceof Map)
    return `{${sortedKeys(value)
      .map((key) => `${JSON.stringify(key)}:${jsonOf(value.get(key))}`)
      .join(',')}}`;
  return Array.isArray(value) ? `[${value.map(jsonOf).join(',')}]` : JSON.stringify(toPlain(value ?? null));
}
