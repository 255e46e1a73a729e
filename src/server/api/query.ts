import type { Request } from 'express';
import type { UnknownFields } from '../../resources/admit.ts';
import { badRequest } from './api-error.ts';

/** A query parameter given once; given twice, the last one counts. */
export function queryText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : undefined;
}

export function queryCount(value: unknown, name: string): number | undefined {
  const text = queryText(value);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`invalid ${name} ${JSON.stringify(text)}: expected a whole number`);
  return text === '0' ? undefined : Number(text);
}

export function queryFlag(value: unknown): boolean {
  return ['1', 'true'].includes(queryText(value)?.toLowerCase() ?? '');
}

export function isDryRun(request: Request): boolean {
  const dryRun = queryText(request.query['dryRun']);
  if (dryRun !== undefined && dryRun !== 'All') throw badRequest(`invalid dryRun ${JSON.stringify(dryRun)}: use All`);
  return dryRun === 'All';
}

const FIELD_VALIDATION: ReadonlyMap<string, UnknownFields> = new Map([
  ['Strict', 'refuse'],
  ['Warn', 'warn'],
  ['Ignore', 'ignore'],
]);

/** `fieldValidation`; who does not say is warned, as by Kubernetes. */
export function unknownFieldsOf(request: Request): UnknownFields {
  const asked = queryText(request.query['fieldValidation']) ?? 'Warn';
  const found = FIELD_VALIDATION.get(asked);
  if (found === undefined) throw badRequest(`invalid fieldValidation ${JSON.stringify(asked)}: use Strict, Warn or Ignore`);
  return found;
}
