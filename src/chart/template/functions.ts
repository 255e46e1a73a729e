import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { toJson, toYaml } from './to-yaml.ts';
import { isTrue, printed, toValue, type Value, type ValueMap } from './value.ts';

export type TemplateFunction = (...args: readonly Value[]) => Value;

/** Go's and Helm's functions that the chart uses. `and`, `or` and `include` are the evaluator's. Throws plain Errors; who calls knows the place. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['contains', (part, text) => printed(text).includes(printed(part))],
  ['deepCopy', (value) => copyOf(value)],
  ['default', (fallback, given) => (isTrue(given) ? given : fallback)],
  ['dict', (...pairs) => new Map(pairs.flatMap((key, index) => (index % 2 === 0 ? [[printed(key), pairs[index + 1]] as const] : [])))],
  ['eq', (first, ...others) => others.some((other) => equal(first, other))],
  ['fail', (message) => fail(printed(message))],
  ['fromJson', (text) => toValue(JSON.parse(printed(text)))],
  ['indent', (width, text) => indent(width, text)],
  ['int', (value) => integerOf(value)],
  ['list', (...items) => items],
  ['merge', (target, ...sources) => merge(mapOf(target), sources.map(mapOf))],
  ['ne', (first, second) => !equal(first, second)],
  ['nindent', (width, text) => `\n${indent(width, text)}`],
  ['not', (value) => !isTrue(value)],
  ['printf', (format, ...args) => printFormatted(printed(format), args)],
  [
    'quote',
    (...values) =>
      values
        .filter((value) => value !== undefined && value !== null)
        .map((value) => JSON.stringify(printed(value)))
        .join(' '),
  ],
  ['replace', (old, by, text) => printed(text).replaceAll(printed(old), () => printed(by))],
  ['required', (message, value) => (value === undefined || value === null || value === '' ? fail(printed(message)) : value)],
  ['set', (map, key, value) => mapOf(map).set(printed(key), value)],
  ['sha256sum', (text) => bytesToHex(sha256(new TextEncoder().encode(printed(text))))],
  ['ternary', (yes, no, which) => (isTrue(which) ? yes : no)],
  ['toJson', (value) => toJson(value)],
  ['toYaml', (value) => toYaml(value)],
  ['trimSuffix', (suffix, text) => withoutEnd(printed(text), printed(suffix))],
  ['trunc', (length, text) => truncated(Number(length), printed(text))],
]);

function fail(message: string): never {
  throw new Error(message);
}

function indent(width: Value, text: Value): string {
  const space = ' '.repeat(Number(width));
  return space + printed(text).replaceAll('\n', `\n${space}`);
}

function withoutEnd(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/** The first so many characters; the last when negative. */
function truncated(length: number, text: string): string {
  return length < 0 ? text.slice(length) : text.slice(0, length);
}

/** Go refuses to compare what is of different types; whoever wrote it meant something else. */
function equal(a: Value, b: Value): boolean {
  const nothing = [a, b].some((value) => value === undefined || value === null);
  if (nothing) return (a ?? null) === (b ?? null);
  if (typeof a !== typeof b) throw new Error(`incompatible types for comparison: ${typeof a} and ${typeof b}; convert one, e.g. with int`);
  return a === b;
}

function integerOf(value: Value): bigint {
  const number = Number(printed(value));
  return BigInt(Number.isFinite(number) ? Math.trunc(number) : 0);
}

function mapOf(value: Value): ValueMap {
  if (value instanceof Map) return value;
  throw new Error(`got ${printed(value) || 'nothing'}, expected a mapping`);
}

function copyOf(value: Value): Value {
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, copyOf(entry)]));
  return Array.isArray(value) ? value.map(copyOf) : value;
}

/** Into the target, where it has nothing or something empty; mappings key by key. */
function merge(target: ValueMap, sources: readonly ValueMap[]): ValueMap {
  for (const source of sources) {
    for (const [key, value] of source) {
      const known = target.get(key);
      if (known instanceof Map && value instanceof Map) merge(known, [value]);
      else if (!isTrue(known)) target.set(key, copyOf(value));
    }
  }
  return target;
}

function printFormatted(format: string, args: readonly Value[]): string {
  let next = 0;
  return format.replace(/%(.)/g, (verb, letter: string) => {
    if (letter === '%') return '%';
    if (next >= args.length) throw new Error(`printf ${JSON.stringify(format)}: ${verb} has no argument`);
    const value = args[next++];
    if (letter === 'q') return JSON.stringify(printed(value));
    if (letter !== 's' && letter !== 'd' && letter !== 'v')
      throw new Error(`printf ${JSON.stringify(format)}: ${verb} is not known here; use %s, %d, %v or %q`);
    return printed(value);
  });
}
