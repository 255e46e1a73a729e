import { type FieldError, fieldError } from '../field-error.ts';
import type { z } from '../zod.ts';
import { formatPath, type PathPart } from './field-path.ts';

/** What zod found wrong with `value`, in the form the rest of validation speaks. */
export function shapeErrors(error: z.ZodError, value: unknown): readonly FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part): PathPart => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => fieldError('no such field', formatPath([...path, key])));
    const got = valueAt(value, path);
    const at = formatPath(path);
    if (got === undefined) return fieldError('missing field(s)', at);
    const details = wantsText(issue) && (typeof got === 'number' || typeof got === 'boolean') ? 'write it in quotes' : undefined;
    return fieldError(messageOf(issue, got), at, details);
  });
}

function messageOf(issue: z.core.$ZodIssue, got: unknown): string {
  if (issue.code === 'custom' || !issue.message.startsWith('Invalid ')) return issue.message;
  return `got ${describe(issue, got)}, expected ${expectedBy(issue)}`;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return expectedNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? quote(issue.values[0]) : `one of ${issue.values.map(quote).join(', ')}`;
    case 'invalid_union': {
      const alternatives = issue.errors.flat().map((inner) => expectedBy(inner as z.core.$ZodIssue));
      return [...new Set(alternatives)].join(' or ');
    }
    default:
      return issue.message;
  }
}

const expectedNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function wantsText(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'string';
}

/** The type alone: values may be secret. Only what should have been one of a few words is shown. */
function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string' && issue.code === 'invalid_value') return quote(value);
  return `a ${typeof value}`;
}

function quote(value: unknown): string {
  const text = JSON.stringify(String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…"` : text;
}

function valueAt(value: unknown, path: readonly PathPart[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<PathPart, unknown>>)[part];
  }
  return at;
}
