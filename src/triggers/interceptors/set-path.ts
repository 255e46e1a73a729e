/** What an overlay's key may make of a list: beyond this an index is an error, or `a.999999999` would fill the memory. */
const longestList = 1_000;

export type SetResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

interface Part {
  readonly key: string;
  /** `:0`: a key even where it looks like an index. */
  readonly forced: boolean;
}

/**
 * `target` with `value` at an sjson path: dots nest, `\.` is a dot, a number is an index of a list (and makes one where nothing is), `-1`
 * appends, `:0` is the key `0`. A path with `*`, `?`, `|` or `#` sets nothing, silently, as sjson does. `target` stays as it is.
 */
export function setPath(target: unknown, path: string, value: unknown): SetResult {
  if (path === '') return { ok: false, error: 'path cannot be empty' };
  const parts = parsePath(path);
  return parts === undefined ? { ok: true, value: target } : setParts(target, parts, value);
}

/** The steps of a path; `undefined` for one that sets nothing. */
export function parsePath(path: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  let key = '';
  for (let index = 0; index < path.length; index++) {
    const character = path.charAt(index);
    if (character === '\\') {
      index++;
      key += path.charAt(index);
    } else if (character === '.') {
      parts.push(makePart(key));
      key = '';
    } else if ('*?|#'.includes(character)) {
      return undefined;
    } else {
      key += character;
    }
  }
  parts.push(makePart(key));
  return parts;
}

function makePart(text: string): Part {
  return /^:(?:-1|[0-9]+)$/.test(text) ? { key: text.slice(1), forced: true } : { key: text, forced: false };
}

function setParts(target: unknown, [part, ...rest]: readonly Part[], value: unknown): SetResult {
  if (part === undefined) return { ok: true, value };
  const isIndex = !part.forced && /^(?:-1|[0-9]+)$/.test(part.key);
  if (Array.isArray(target)) {
    if (!isIndex) return { ok: false, error: `cannot set array element for non-numeric key '${part.key}'` };
    return setElement(target, part.key, rest, value);
  }
  if (typeof target === 'object' && target !== null) {
    const members = new Map(Object.entries(target));
    const inner = setParts(members.get(part.key), rest, value);
    if (!inner.ok) return inner;
    members.set(part.key, inner.value);
    return { ok: true, value: Object.fromEntries(members) };
  }
  if (isIndex) return setElement([], part.key, rest, value);
  const inner = setParts(undefined, rest, value);
  return inner.ok ? { ok: true, value: Object.fromEntries([[part.key, inner.value]]) } : inner;
}

function setElement(list: readonly unknown[], key: string, rest: readonly Part[], value: unknown): SetResult {
  const index = key === '-1' ? list.length : Number(key);
  if (index >= longestList) return { ok: false, error: `index ${key} is more than ${longestList - 1}` };
  const inner = setParts(list[index], rest, value);
  if (!inner.ok) return inner;
  const elements = Array.from({ length: Math.max(list.length, index + 1) }, (_, at) => (at < list.length ? list[at] : null));
  elements[index] = inner.value;
  return { ok: true, value: elements };
}
