import { toValue, type Value, type ValueMap } from './template/value.ts';

/** What a user gives, over what the chart has: mappings key by key, everything else as a whole; `null` takes a default away. */
export function withDefaults(given: ValueMap, defaults: ValueMap): ValueMap {
  const values = new Map(defaults);
  for (const [key, value] of given) {
    const known = defaults.get(key);
    if (value === null) values.delete(key);
    else if (value instanceof Map && known instanceof Map) values.set(key, withDefaults(value, known));
    else values.set(key, value);
  }
  return values;
}

/** One file over another: `null` stays, to take away a default of the chart later. */
export function overlay(over: ValueMap, under: ValueMap): ValueMap {
  const values = new Map(under);
  for (const [key, value] of over) {
    const known = under.get(key);
    values.set(key, value instanceof Map && known instanceof Map ? overlay(value, known) : value);
  }
  return values;
}

/** `a.b=c,d[0]=e,f={g,h}`, as Helm's `--set` reads it; `\` takes a character's meaning away. Throws an Error that names the assignment. */
export function parseAssignments(text: string): ValueMap {
  let values: Value = new Map();
  for (const assignment of splitAt(text, ',')) {
    const [path = '', ...rest] = splitAt(assignment, '=');
    const keys = splitAt(path.replace(/(\[\d+\])/g, '.$1').replace(/^\./, ''), '.');
    if (rest.length === 0 || keys.some((key) => key === '')) throw new Error(`--set ${assignment}: expected a.path=value`);
    values = assign(values, keys, typedValue(rest.join('=')));
  }
  return values instanceof Map ? values : new Map();
}

/** At top level only: not behind a backslash, not within braces. Backslashes stay. */
function splitAt(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '\\') {
      parts[parts.length - 1] += character + (text[++index] ?? '');
      continue;
    }
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function assign(into: Value, [key = '', ...rest]: readonly string[], value: Value): Value {
  const index = /^\[(\d{1,4})\]$/.exec(key)?.[1];
  if (index !== undefined) {
    const list = Array.isArray(into) ? [...into] : [];
    while (list.length <= Number(index)) list.push(null);
    list[Number(index)] = rest.length === 0 ? value : assign(list[Number(index)], rest, value);
    return list;
  }
  const map: ValueMap = into instanceof Map ? new Map(into) : new Map();
  const name = withoutEscapes(key);
  return map.set(name, rest.length === 0 ? value : assign(map.get(name), rest, value));
}

function typedValue(text: string): Value {
  if (/^\{.*\}$/s.test(text)) return text === '{}' ? [] : splitAt(text.slice(1, -1), ',').map(typedValue);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?(0|[1-9]\d{0,17})$/.test(text) ? BigInt(text) : toValue(withoutEscapes(text));
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
