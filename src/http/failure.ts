import type { HttpFailureCode, HttpResult } from '../triggers/http-exchange.ts';

export type HttpFailure = Extract<HttpResult, { readonly ok: false }>;

export function failure(code: HttpFailureCode, message: string): HttpFailure {
  return { ok: false, code, message };
}
