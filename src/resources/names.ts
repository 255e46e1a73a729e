import { goQuote } from '../expressions/variables/go-quote.ts';
import { type FieldError, fieldError, missingField } from './field-error.ts';
import type { ObjectMeta } from './object.ts';

/** What upstream and Kubernetes take for a name. Source: reference/pipelines.md 2.3, k8s.io/apimachinery/pkg/util/validation. */

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedPattern = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && labelPattern.test(name);
}

export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && subdomainPattern.test(name);
}

const qualifiedRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/**
 * What Kubernetes says of a name that should be `[prefix/]name`: a DNS subdomain, a slash, at most 63 letters, digits, `-`, `_`, `.` with a letter
 * or digit at both ends. Source: k8s.io/apimachinery/pkg/util/validation, `IsQualifiedName`.
 */
export function qualifiedNameProblems(text: string): readonly string[] {
  const parts = text.split('/');
  if (parts.length > 2)
    return [`a valid label key ${qualifiedRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const problems: string[] = [];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    if (prefix.length > 253) problems.push('prefix part must be no more than 253 bytes');
    if (!subdomainPattern.test(prefix)) problems.push(`prefix part ${subdomainRule}`);
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes');
  if (!qualifiedPattern.test(name)) problems.push(`name part ${qualifiedRule}`);
  return problems;
}

export function isQualifiedName(name: string): boolean {
  return qualifiedNameProblems(name).length === 0;
}

export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && qualifiedPattern.test(text));
}

/** A param of type string or array. */
export function isVariableName(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9.-]*$/.test(name);
}

/** An object param, or one of its keys: no dots, they separate the two. */
export function isObjectVariableName(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9-]*$/.test(name);
}

export function isResultName(name: string): boolean {
  return qualifiedPattern.test(name);
}

/** `git://x`, `https://x`: meant for a resolver's concise syntax. */
export function isUrlLike(name: string): boolean {
  return /[\w-]+:\/\/*/.test(name);
}

/**
 * 2.2. Objects with only `generateName` have their name made later, from a prefix that must do as the beginning of one. Tekton's own kinds
 * have names of at most 63 characters; EventListeners have a rule of their own and Kubernetes' kinds none but the subdomain's 253.
 */
export function validateMetadata(metadata: ObjectMeta, longest = 63): readonly FieldError[] {
  const { name = '', generateName = '' } = metadata;
  if (name === '' && generateName === '') return [missingField('metadata.generateName', 'metadata.name')];
  // The five characters that the server appends stand in for any.
  const [field, text, whole] = name === '' ? ['generateName', generateName, `${generateName}00000`] : ['name', name, name];
  const errors: FieldError[] = [];
  if (!isDnsSubdomain(whole))
    errors.push(fieldError(`invalid resource name ${goQuote(text)}: must be a valid DNS label`, `metadata.${field}`));
  if (name.length > longest)
    errors.push(fieldError(`Invalid resource name: length must be no more than ${longest} characters`, 'metadata.name'));
  return errors;
}
