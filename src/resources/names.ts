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

/** `[prefix/]name`: a DNS subdomain, a slash, at most 63 letters, digits, `-`, `_`, `.` with a letter or digit at both ends. */
export function isQualifiedName(name: string): boolean {
  const parts = name.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) return false;
  if (second !== undefined && !isDnsSubdomain(first)) return false;
  const last = second ?? first;
  return last.length <= 63 && qualifiedPattern.test(last);
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
