import { StoreError } from '../../ports/store.ts';

/** Kubernetes' equality-based and set-based requirements (apimachinery pkg/labels/selector.go). */
export type LabelRequirement =
  | { readonly operator: 'exists' | 'absent'; readonly key: string }
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: ReadonlySet<string> }
  | { readonly operator: 'gt' | 'lt'; readonly key: string; readonly bound: number };

/** All must hold. Empty: everything matches. */
export type LabelSelector = readonly LabelRequirement[];

type Labels = Readonly<Record<string, string>> | undefined;

const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;
/** Longer than any selector a person or a client writes; bounds the work of a hostile one. */
const MAX_LENGTH = 16_384;

/** Throws `StoreError` `Invalid`. */
export function parseLabelSelector(text: string | undefined): LabelSelector {
  if (text === undefined || text.trim() === '') return [];
  if (text.length > MAX_LENGTH)
    throw new StoreError('Invalid', `label selector: ${text.length} characters, at most ${MAX_LENGTH} are read`);
  return splitRequirements(text).map((part) => parseRequirement(part.trim(), text));
}

/** `!=` and `notin` hold for an object without the label, as upstream. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => holds(requirement, labels));
}

function holds(requirement: LabelRequirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.has(value);
    case 'notin':
      return value === undefined || !requirement.values.has(value);
    case 'gt':
      return value !== undefined && isInteger(value) && Number(value) > requirement.bound;
    case 'lt':
      return value !== undefined && isInteger(value) && Number(value) < requirement.bound;
  }
}

/** Commas separate requirements, but not inside the parentheses of a value set. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let inSet = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(') inSet = true;
    else if (char === ')') inSet = false;
    else if (char === ',' && !inSet) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parseRequirement(part: string, whole: string): LabelRequirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => labelValue(value.trim(), part, whole));
    return { operator: set[2] === 'in' ? 'in' : 'notin', key: labelKey(set[1] ?? '', part, whole), values: new Set(values) };
  }
  const comparison = /^([^\s=!<>]+)\s*(==|=|!=|<|>)\s*(\S*)$/.exec(part);
  if (comparison !== null) {
    const key = labelKey(comparison[1] ?? '', part, whole);
    const value = comparison[3] ?? '';
    const operator = comparison[2];
    if (operator === '<' || operator === '>') {
      if (!isInteger(value)) throw invalid(part, whole, `"${value}" is not an integer, which ${operator} compares`);
      return { operator: operator === '>' ? 'gt' : 'lt', key, bound: Number(value) };
    }
    return { operator: operator === '!=' ? 'notin' : 'in', key, values: new Set([labelValue(value, part, whole)]) };
  }
  const absent = /^!\s*(\S+)$/.exec(part);
  return absent === null
    ? { operator: 'exists', key: labelKey(part, part, whole) }
    : { operator: 'absent', key: labelKey(absent[1] ?? '', part, whole) };
}

function labelKey(key: string, part: string, whole: string): string {
  if (!KEY.test(key)) throw invalid(part, whole, `"${key}" is not a label key`);
  return key;
}

function labelValue(value: string, part: string, whole: string): string {
  if (value.length > 63 || !VALUE.test(value)) throw invalid(part, whole, `"${value}" is not a label value`);
  return value;
}

function isInteger(text: string): boolean {
  return /^-?\d{1,18}$/.test(text);
}

function invalid(part: string, whole: string, why: string): StoreError {
  return new StoreError(
    'Invalid',
    `label selector "${whole}": cannot read "${part}": ${why}; expected key, !key, key=value, key!=value, key in (a,b) or key notin (a,b)`,
  );
}
