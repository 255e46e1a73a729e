import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { SpanContext } from './span.ts';

/**
 * Ids follow from what a span is about: nothing has to be remembered or stored, every replica and every restart gives the same span the same id, and
 * the trace of an event is its id.
 */
export function spanIdOf(subject: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(`span ${subject}`)).subarray(0, 8));
}

/** A UUID is a trace id but for its dashes. */
export function traceIdOf(subject: string): string {
  const digits = subject.replaceAll('-', '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(digits) && /[1-9a-f]/.test(digits)) return digits;
  return bytesToHex(sha256(new TextEncoder().encode(`trace ${subject}`)).subarray(0, 16));
}

/** W3C: `00-<trace>-<span>-01`, sampled. */
export function traceparentOf({ traceId, spanId }: SpanContext): string {
  return `00-${traceId}-${spanId}-01`;
}

/** `undefined` for what is not one. Versions to come may have more behind it. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, version = 'ff', traceId = '', spanId = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/.exec(text ?? '') ?? [];
  const isZero = /^0+$/.test(traceId) || /^0+$/.test(spanId);
  return version === 'ff' || isZero ? undefined : { traceId, spanId };
}
