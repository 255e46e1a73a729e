import type { HttpFailureCode } from '../../http-exchange.ts';
import { brokenInterceptor, type Interceptor, type InterceptorAnswer, type StatusCode, stop, wrong } from '../interceptor.ts';
import type { Address } from './address.ts';
import { decodeResponse, encodeRequest } from './wire.ts';

/** Upstream waits without end; an event must come to one. */
const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;
/** As much of an answer as a message shows. */
const SHOWN = 200;

/**
 * An interceptor that is a server of its own, asked over the wire protocol: it may stop the event or add extensions, and cannot change body or
 * headers. reference/triggers.md 2.1, 2.2.
 */
export function calledInterceptor(name: string, params: ReadonlyMap<string, unknown>, address: Address): Interceptor {
  if (!address.ok) return brokenInterceptor(name, 'FailedPrecondition', address.error);
  const { url, caBundle } = address;
  return {
    name,
    conditions: [],
    // It may well verify the event; it is not ours to say.
    guards: true,
    async intercept({ event, extensions, triggerId, outside }): Promise<InterceptorAnswer> {
      const body = encodeRequest({
        body: event.text(),
        header: event.headers,
        extensions,
        params: Object.fromEntries(params),
        context: { eventUrl: event.url, eventId: event.eventId, triggerId },
      });
      const result = await outside.http({
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/json' },
        body,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        caBundle,
        privateNetwork: true,
      });
      if (!result.ok) return wrong(codeOfFailure(result.code), `interceptor ${name} could not be asked: ${result.message}`);
      const text = new TextDecoder().decode(result.response.body);
      if (result.response.status !== 200) {
        return wrong('Unavailable', `interceptor response was not 200: ${result.response.status}: ${text.slice(0, SHOWN)}`);
      }
      const response = decodeResponse(text);
      if (!response.ok) return wrong('Internal', `interceptor ${name} answered what is no InterceptorResponse: ${response.error}`);
      const { code, message } = response.value;
      if (!response.value.continue) return stop(code, message);
      return { outcome: 'continue', extensions: response.value.extensions };
    },
  };
}

export function codeOfFailure(code: HttpFailureCode): StatusCode {
  switch (code) {
    case 'Timeout':
      return 'DeadlineExceeded';
    case 'Refused':
      return 'PermissionDenied';
    case 'TooLarge':
      return 'ResourceExhausted';
    default:
      return 'Unavailable';
  }
}
