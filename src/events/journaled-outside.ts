import type { Delivery } from '../ports/journal.ts';
import type { Outside } from '../triggers/outside.ts';
import { unsealing } from './sealed-headers.ts';

/**
 * The outside for an event that comes from the journal: its secret headers are sealed, and a signature that is good for some minutes is as good
 * as it was when the event came, however long it has waited since.
 */
export function journaledOutside(outside: Outside, { headers, receivedAt }: Delivery): Outside {
  return { ...unsealing(outside, headers), now: () => receivedAt };
}
