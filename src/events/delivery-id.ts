import { createHash } from 'node:crypto';
import type { Arrival } from './arrival.ts';

/**
 * Headers in which senders number their deliveries, the same on every retry. The first that is there counts.
 * `Webhook-Id` is signed where it is used, so that no header somebody adds may come before it. `Idempotency-Key` comes before GitLab's event
 * id, which GitLab repeats for events that a webhook caused.
 */
const HEADERS = [
  'Webhook-Id',
  'X-Github-Delivery',
  'Idempotency-Key',
  'Svix-Id',
  'X-Gitea-Delivery',
  'X-Forgejo-Delivery',
  'X-Gogs-Delivery',
] as const;

const LONGEST = 200;

/**
 * The sender's own id of this delivery; `undefined` when it sends none, and then it is never taken for a repeated one. `signed`: one that is part
 * of what the sender has signed; it counts before any header, for those may be changed by whoever sends an old request again.
 */
export function deliveryIdOf(arrival: Arrival, payload: unknown, signed?: string): string | undefined {
  if (signed !== undefined && signed !== '') return bounded(signed);
  const { headers, body } = arrival;
  for (const name of HEADERS) {
    const value = headers[name]?.[0];
    if (value !== undefined && value !== '') return bounded(value);
  }
  // Bitbucket Cloud. The hook's own id is the same in all its deliveries; two hooks may send one event.
  const bitbucket = headers['X-Request-Uuid']?.[0];
  if (bitbucket !== undefined && bitbucket !== '') return bounded([headers['X-Hook-Uuid']?.[0] ?? '', bitbucket].join(' ').trim());
  // Events that caused each other share this id, but not their bodies; a retry repeats both.
  const gitlab = headers['X-Gitlab-Event-Uuid']?.[0];
  if (gitlab !== undefined && gitlab !== '') return bounded(`${gitlab} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`);
  // Bitbucket Data Center. Last: proxies number requests under this name too, and every attempt anew.
  return cloudEventId(headers, payload) ?? requestId(headers);
}

function requestId(headers: Arrival['headers']): string | undefined {
  const id = headers['X-Request-Id']?.[0];
  return id === undefined || id === '' ? undefined : bounded(id);
}

/** An event's identity is source and id together (CloudEvents 1.0, `id`), in headers or in the body. */
function cloudEventId(headers: Arrival['headers'], payload: unknown): string | undefined {
  const id = headers['Ce-Id']?.[0];
  if (id !== undefined && id !== '') return bounded(`${headers['Ce-Source']?.[0] ?? ''} ${id}`);
  if (headers['Content-Type']?.[0]?.startsWith('application/cloudevents+json') !== true) return undefined;
  if (typeof payload !== 'object' || payload === null) return undefined;
  const event = payload as { readonly id?: unknown; readonly source?: unknown };
  return typeof event.id === 'string' && event.id !== '' ? bounded(`${String(event.source ?? '')} ${event.id}`) : undefined;
}

function bounded(id: string): string {
  return id.length <= LONGEST ? id : createHash('sha256').update(id).digest('hex');
}
