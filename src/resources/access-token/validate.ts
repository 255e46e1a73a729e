import { type FieldError, fieldError, invalidValue, under } from '../field-error.ts';
import type { AccessToken } from './schema.ts';

export function validateAccessToken({ spec }: AccessToken): readonly FieldError[] {
  const errors: FieldError[] = [];
  // What was sent is not shown: it might be the token itself.
  if (!/^[0-9a-f]{64}$/.test(spec.sha256))
    errors.push(fieldError('invalid value', 'sha256', 'expected the SHA-256 of the token in 64 hex digits, not the token'));
  if (spec.expiresAt !== undefined && (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(spec.expiresAt) || Number.isNaN(Date.parse(spec.expiresAt))))
    errors.push(invalidValue(spec.expiresAt, 'expiresAt', 'expected a time like 2027-01-31T00:00:00Z'));
  if (spec.namespace === '') errors.push(invalidValue('', 'namespace', 'expected a name; leave it out for all namespaces'));
  return under('spec', errors);
}

/** Who holds a token is not to find that it can do more than it was given for. */
export function validateAccessTokenUpdate(before: AccessToken, after: AccessToken): readonly FieldError[] {
  const fields = ['role', 'namespace', 'sha256'] as const;
  const changed = fields.filter((field) => before.spec[field] !== after.spec[field]);
  if (changed.length === 0) return [];
  return under('spec', [fieldError('must not change the field(s)', changed, 'delete the token and create another')]);
}
