import type { CompiledListener } from './compiled-listener.ts';
import type { OpenEvent } from './open-event.ts';
import type { Outside } from './outside.ts';

export type Authenticity =
  /** Verified, or the listener does not verify: see `CompiledListener.authenticates`. */
  | { readonly authentic: true }
  /** None of the listener's signatures was satisfied. `message` is the first one's reason. */
  | { readonly authentic: false; readonly message: string };

/**
 * Signatures only, before anything of the event is kept. What is worked out here is not worked out again when the same open event's triggers
 * are judged.
 */
export async function authenticate(listener: CompiledListener, event: OpenEvent, outside: Outside): Promise<Authenticity> {
  if (!listener.authenticates) return { authentic: true };
  let message: string | undefined;
  for (const signature of listener.signatures) {
    const refused = await signature.refuse(event, outside);
    if (refused === undefined) return { authentic: true };
    message ??= refused.message;
  }
  return { authentic: false, message: message ?? 'no signature' };
}
