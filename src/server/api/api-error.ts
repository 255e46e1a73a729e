import type { Response } from 'express';
import { StoreError, type StoreErrorCode } from '../../ports/store.ts';
import type { FieldError } from '../../resources/field-error.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string | undefined;
}

export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** An answer other than 2xx, as a Kubernetes `Status` object. `reason` is what clients tell errors apart by. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(status: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** `pipelineruns.tekton.dev "x" not found`, as the API server says it. */
export function notFound(resource: string, group: string, name: string): ApiError {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return new ApiError(404, 'NotFound', `${qualified} "${name}" not found`, { name, group, kind: resource });
}

/** Every error with its path, as `kubectl` prints causes. */
export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError {
  const causes = causesOf(errors);
  const lines = causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const qualified = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${qualified} "${name}" is invalid: ${list}`, { name, group, kind, causes });
}

export function causesOf(errors: readonly FieldError[]): readonly StatusCause[] {
  return errors.flatMap((error) =>
    (error.paths.length === 0 ? [undefined] : error.paths).map(
      (field): StatusCause => ({ reason: causeReason(error.message), message: text(error), ...(field === undefined ? {} : { field }) }),
    ),
  );
}

function text({ message, details }: FieldError): string {
  return details === undefined ? message : `${message}: ${details}`;
}

function causeReason(message: string): string {
  if (message.startsWith('missing field') || message.includes('got neither')) return 'FieldValueRequired';
  if (message.startsWith('must not set') || message.includes('got both')) return 'FieldValueForbidden';
  return 'FieldValueInvalid';
}

const storeStatus: Readonly<Record<StoreErrorCode, readonly [status: number, reason: string]>> = {
  Conflict: [409, 'Conflict'],
  AlreadyExists: [409, 'AlreadyExists'],
  NotFound: [404, 'NotFound'],
  Gone: [410, 'Expired'],
  Invalid: [422, 'Invalid'],
  Forbidden: [403, 'Forbidden'],
  Unavailable: [503, 'ServiceUnavailable'],
};

/** `undefined`: a surprise, of which clients learn nothing but that it happened. */
export function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (!(error instanceof StoreError)) return undefined;
  const [status, reason] = storeStatus[error.code];
  return new ApiError(status, reason, error.message);
}

export function statusObject(error: ApiError): Record<string, unknown> {
  const { message, reason, details, status } = error;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code: status,
  };
}

export function sendError(response: Response, error: ApiError): void {
  const retry = error.details?.retryAfterSeconds;
  if (retry !== undefined) response.setHeader('Retry-After', String(retry));
  response.status(error.status).json(statusObject(error));
}
