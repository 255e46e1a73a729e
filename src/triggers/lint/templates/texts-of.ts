/** A text somewhere in an object, keys included. */
export interface TextAt {
  readonly text: string;
  /** `spec.params[0].value`. */
  readonly path: string;
}

/** Nesting beyond this is not looked into: compiling such a template fails with a message of its own. */
const deepest = 200;

export function textsOf(value: unknown, path = '', depth = 0): readonly TextAt[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  if (Array.isArray(value)) return value.flatMap((element, index) => textsOf(element, `${path}[${index}]`, depth + 1));
  return Object.entries(value).flatMap(([key, member]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [...(key.includes('$(') ? [{ text: key, path: at }] : []), ...textsOf(member, at, depth + 1)];
  });
}
