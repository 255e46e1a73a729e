import { goJsonType, goMapOfLists } from '../../resources/go-format.ts';
import type { Decoded } from '../open-event.ts';
import type { Extensions } from './interceptor.ts';
import { type Form, isJsonObject, type JsonObject } from './slack-request.ts';

export type Fields = { readonly ok: true; readonly extensions: Extensions } | { readonly ok: false; readonly message: string };

/** Of a payload a message shows as much. */
const longestDump = 1_000;

/** Each field as the list of its values, as upstream; `payload` of an interaction as the object it is. */
export function formFields(form: Form, requested: readonly string[], payload?: JsonObject): Fields {
  const found: [string, unknown][] = [];
  for (const name of requested) {
    const value = name === 'payload' && payload !== undefined ? payload : form.get(name);
    // Upstream's words, its slip included.
    if (value === undefined) return { ok: false, message: `requested field does not exists in payload ${dump(form)}` };
    found.push([name, value]);
  }
  return { ok: true, extensions: Object.fromEntries(found) };
}

/** Ours: dotted paths into a JSON body, each a list of one value at the same path of the extensions. */
export function jsonFields(body: JsonObject, requested: readonly string[]): Fields {
  let extensions: Extensions = {};
  for (const path of requested) {
    const value = valueAt(body, path.split('.'));
    if (value === undefined) return { ok: false, message: `requested field ${path} does not exist in the payload` };
    extensions = nest(extensions, path.split('.'), value);
  }
  return { ok: true, extensions };
}

/** Of two paths one of which leads through the other, only one could be in the extensions. */
export function overlappingPaths(requested: readonly string[]): readonly [string, string] | undefined {
  for (const outer of requested) {
    const inner = requested.find((path) => path.startsWith(`${outer}.`));
    if (inner !== undefined) return [outer, inner];
  }
  return undefined;
}

/** A body that upstream's sink has turned into JSON, read as Go would into `map[string][]string`. */
export function readConvertedForm(
  decoded: Decoded,
): { readonly ok: true; readonly form: Form } | { readonly ok: false; readonly error: string } {
  if (!decoded.ok) return { ok: false, error: 'invalid JSON' };
  if (decoded.value === null) return { ok: true, form: new Map() };
  if (!isJsonObject(decoded.value)) return { ok: false, error: cannotUnmarshal(decoded.value, 'map[string][]string') };
  const form = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(decoded.value)) {
    if (values !== null && !Array.isArray(values)) return { ok: false, error: cannotUnmarshal(values, '[]string') };
    const list: readonly unknown[] = values ?? [];
    const odd = list.find((value) => value !== null && typeof value !== 'string');
    if (odd !== undefined) return { ok: false, error: cannotUnmarshal(odd, 'string') };
    form.set(
      name,
      list.map((value) => (typeof value === 'string' ? value : '')),
    );
  }
  return { ok: true, form };
}

function cannotUnmarshal(value: unknown, type: string): string {
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type ${type}`;
}

/** Without Slack's verification token, which is as good as a password where nothing better is checked. */
function dump(form: Form): string {
  const shown = new Map(form);
  if (shown.has('token')) shown.set('token', ['…']);
  const text = goMapOfLists(shown);
  return text.length > longestDump ? `${text.slice(0, longestDump)}…` : text;
}

function valueAt(body: JsonObject, path: readonly string[]): unknown {
  let value: unknown = body;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Keys are made own properties even where they are called `__proto__`. */
function nest(into: Extensions, [key = '', ...rest]: readonly string[], value: unknown): Extensions {
  const there = Object.hasOwn(into, key) ? into[key] : undefined;
  const inner = rest.length === 0 ? [value] : nest(isJsonObject(there) ? there : {}, rest, value);
  return Object.fromEntries([...Object.entries(into).filter(([name]) => name !== key), [key, inner]]);
}
