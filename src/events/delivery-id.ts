import { createHash } from 'node:crypto';
import type { Arrival } from './arrival.ts';

/**
 * Headers in which senders number their deliveries, the same on every retry. The first that is there counts.
 * `Idempotency-Key` comes before GitLab's event id, which GitLab repeats for events that a webhook caused.
 */
const HEADERS = [
  'X-Github-Delivery',
  'Idempotency-Key',
  'Webhook-Id',
  'Svix-Id',
  'X-Gitea-Delivery',
  'X-Forgejo-Delivery',
  'X-Gogs-Delivery',
  // Bitbucket Cloud, Bitbucket Data Center.
  'X-Request-Uuid',
  'X-Request-Id',
] as const;

const LONGEST = 200;

/** The sender's own id of this delivery; `undefined` when it sends none, and then it is never taken for a repeated one. */
export function deliveryIdOf(arrival: Arrival, payload: unknown): string | undefined {
  const { headers, body } = arrival;
  for (const name of HEADERS) {
    const value = headers[name]?.[0];
    if (value !== undefined && value !== '') return bounded(value);
  }
  // Events that caused each other share this id, but not their bodies; a retry repeats both.
  const gitlab = headers['X-Gitlab-Event-Uuid']?.[0];
  if (gitlab !== undefined && gitlab !== '') return bounded(`${gitlab} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`);
  return cloudEventId(headers, payload);
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
