import { decodeBase64 } from '../../expressions/cel/base64.ts';
import { decodeUtf8 } from '../../expressions/cel/utf8.ts';
import { goQuote } from '../../expressions/variables/go-quote.ts';
import { firstHeader } from '../open-event.ts';
import { signatureFailed } from './hmac-header.ts';
import { type Refusal, stop, wrong } from './interceptor.ts';
import type { Proof } from './signature-check.ts';
import { signedBytes } from './signed-bytes.ts';
import { staleTime } from './signed-time.ts';

/** How signing secrets begin; base64 of the key follows. */
const SECRET_PREFIX = 'whsec_';
/** A sender that replaces its own secret signs with both. Each one costs a hash of the whole body, so that a list of hundreds is not tried. */
const MOST_SIGNATURES = 5;

export const standardWebhookHeaders = ['Webhook-Signature', 'Webhook-Id', 'Webhook-Timestamp'] as const;

/** Tells a signing secret from a plain token. */
export function isSigningSecret(secret: Uint8Array): boolean {
  return signingText(secret) !== undefined;
}

/**
 * Standard Webhooks, version 1 (standardwebhooks.com): `v1,<base64>` entries, separated by spaces, each an HMAC-SHA256 over
 * `<Webhook-Id>.<Webhook-Timestamp>.<raw body>`; one that is right is enough, and entries of other versions are passed over. Line breaks in the
 * secret's base64 are no part of the key.
 */
export function verifyStandardWebhook({ event, secret, outside }: Proof): Refusal | undefined {
  const key = decodeBase64(signingText(secret) ?? '');
  if (!(key instanceof Uint8Array) || key.length === 0) {
    return wrong('FailedPrecondition', `error getting secret: what follows ${SECRET_PREFIX} in it is no base64 of a key`);
  }
  const timestamp = firstHeader(event, 'Webhook-Timestamp');
  const stale = staleTime('Webhook-Timestamp', timestamp, outside.now());
  if (stale !== undefined) return stop('FailedPrecondition', stale);

  const header = firstHeader(event, 'Webhook-Signature');
  const signatures = header.split(' ').filter((entry) => entry.startsWith('v1,'));
  if (signatures.length === 0 || signatures.length > MOST_SIGNATURES) {
    const wanted = `expected v1,<base64>, at most ${MOST_SIGNATURES} of them`;
    return stop('FailedPrecondition', `error parsing signature ${goQuote(header.slice(0, 200))}: ${wanted}`);
  }
  const content = signedBytes(`${firstHeader(event, 'Webhook-Id')}.${timestamp}.`, event.body);
  for (const signature of signatures) {
    const bytes = decodeBase64(signature.slice('v1,'.length));
    if (bytes instanceof Uint8Array && outside.verifyHmac('sha256', key, content, hexOf(bytes))) return undefined;
  }
  return stop('FailedPrecondition', signatureFailed);
}

function signingText(secret: Uint8Array): string | undefined {
  const text = decodeUtf8(secret);
  return text?.startsWith(SECRET_PREFIX) ? text.slice(SECRET_PREFIX.length) : undefined;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
