import { StoreError } from '../../ports/store.ts';
import type { KubeObject } from '../../resources/object.ts';

export interface FieldRequirement {
  readonly path: readonly string[];
  readonly equal: boolean;
  readonly value: string;
}

/** All must hold. Empty: everything matches. */
export type FieldSelector = readonly FieldRequirement[];

const MAX_LENGTH = 16_384;

/**
 * Kubernetes' field selectors (apimachinery pkg/fields/selector.go), on any dotted path instead of a list of paths a kind.
 * In values `\,`, `\=` and `\\` stand for the plain characters. Throws `StoreError` `Invalid`.
 */
export function parseFieldSelector(text: string | undefined): FieldSelector {
  if (text === undefined || text.trim() === '') return [];
  if (text.length > MAX_LENGTH)
    throw new StoreError('Invalid', `field selector: ${text.length} characters, at most ${MAX_LENGTH} are read`);
  return splitUnescaped(text).map((part) => {
    const match = /^\s*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*(==|=|!=)(.*)$/s.exec(part);
    if (match === null) {
      throw new StoreError(
        'Invalid',
        `field selector "${text}": cannot read "${part}"; expected path=value or path!=value, such as metadata.name=build`,
      );
    }
    const [, path = '', operator, value = ''] = match;
    return { path: path.split('.'), equal: operator !== '!=', value: unescapeValue(value.trim()) };
  });
}

/** A field that is absent or not a scalar compares as the empty text, as upstream. */
export function matchesFields(selector: FieldSelector, object: KubeObject): boolean {
  return selector.every(({ path, equal, value }) => (fieldText(object, path) === value) === equal);
}

/** The value a selector demands of a path, when it demands exactly one. */
export function demandedValue(selector: FieldSelector, path: string): string | undefined {
  return selector.find((requirement) => requirement.equal && requirement.path.join('.') === path)?.value;
}

function fieldText(object: unknown, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return '';
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unescapeValue(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1');
}
