import type { EventListener } from '../resources/event-listener/schema.ts';
import type { ListenerPolicy } from './interceptors/interceptor.ts';

/** On a listener: takes events that nobody signed, also from other machines. */
export const ALLOW_UNSIGNED = 'tappet.dev/allow-unsigned';
/** On a listener: takes signatures by SHA-1, also from other machines. For senders that have nothing better, as old Bitbucket servers. */
export const ALLOW_SHA1 = 'tappet.dev/allow-sha1';

/**
 * What nobody else can reach is only warned about, so that upstream's examples run on a laptop; what others can reach must be signed unless its
 * author says otherwise. Upstream takes both everywhere (reference/triggers.md B.1, B.2).
 */
export function listenerPolicy({ metadata }: Pick<EventListener, 'metadata'>, loopback: boolean): ListenerPolicy {
  const of = (annotation: string) => {
    if (metadata.annotations?.[annotation] === 'true') return 'allow';
    return loopback ? 'warn' : 'refuse';
  };
  return { unsigned: of(ALLOW_UNSIGNED), sha1: of(ALLOW_SHA1) };
}
