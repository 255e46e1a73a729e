/** One thing wrong with a resource, in upstream's (Knative's) words. */
export interface FieldError {
  /** Without the paths: `missing field(s)`, `invalid value: 3`. */
  readonly message: string;
  /** Dotted, with indices and keys in brackets: `spec.tasks[0].params[x].value`. Empty: none can be told. */
  readonly paths: readonly string[];
  /** What to know or do about it; upstream prints it on a line of its own. */
  readonly details?: string | undefined;
}

/** `path` absent: upstream gives none, and none is told. The empty one becomes what it is found under. */
export function fieldError(message: string, path: string | readonly string[] = [], details?: string): FieldError {
  const paths = typeof path === 'string' ? [path] : path;
  return details === undefined ? { message, paths } : { message, paths, details };
}

export const missingField = (...paths: string[]): FieldError => fieldError('missing field(s)', paths);
export const disallowedField = (...paths: string[]): FieldError => fieldError('must not set the field(s)', paths);
export const invalidValue = (value: string | number, path: string, details?: string): FieldError =>
  fieldError(`invalid value: ${value}`, path, details);
export const oneOfMissing = (...paths: string[]): FieldError => fieldError('expected exactly one, got neither', paths);
export const oneOfMultiple = (...paths: string[]): FieldError => fieldError('expected exactly one, got both', paths);

/** The same errors seen from one level up: `spec` and `tasks[0].name` make `spec.tasks[0].name`. What has no path gets none, as upstream. */
export function under(prefix: string, errors: readonly FieldError[]): readonly FieldError[] {
  if (errors.length === 0 || prefix === '') return errors;
  return errors.map((error) => ({ ...error, paths: error.paths.map((path) => join(prefix, path)) }));
}

/** What `check` finds in each element, under `prefix[index]`. */
export function underEach<T>(
  prefix: string,
  items: readonly T[] | undefined,
  check: (item: T, index: number) => readonly FieldError[],
): FieldError[] {
  const found: FieldError[] = [];
  items?.forEach((item, index) => {
    const errors = check(item, index);
    if (errors.length > 0) found.push(...under(`${prefix}[${index}]`, errors));
  });
  return found;
}

/** An index or key goes to what is before it. One with a dot in it is none, as upstream has it: `params.[a.b].name`. Source: `flatten`. */
function join(prefix: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${prefix}.${path}`.split('.')) {
    if (part === '') continue;
    if (parts.length > 0 && part.startsWith('[') && part.endsWith(']')) parts.push(`${parts.pop()}${part}`);
    else parts.push(part);
  }
  return parts.join('.');
}

/**
 * Upstream's text: one line an error, those that differ only in path merged, sorted by message.
 * Source: knative.dev/pkg/apis/field_error.go, Error and merge.
 */
export function renderFieldErrors(errors: readonly FieldError[]): string {
  const merged = new Map<string, { readonly message: string; readonly details: string; readonly paths: Set<string> }>();
  for (const { message, details = '', paths } of errors) {
    const key = `${message}\n\n${details}`;
    const entry = merged.get(key) ?? { message, details, paths: new Set<string>() };
    for (const path of paths) entry.paths.add(path);
    merged.set(key, entry);
  }
  return [...merged.values()]
    .sort((a, b) => compare(a.message, b.message) || compare(a.details, b.details))
    .map(({ message, details, paths }) => {
      const line = `${message}: ${[...paths].sort(compare).join(', ')}`;
      return details === '' ? line : `${line}\n${details}`;
    })
    .join('\n');
}

/** By code unit, as Go compares strings; `localeCompare` would not. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
