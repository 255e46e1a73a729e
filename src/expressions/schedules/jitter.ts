import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * How long after its time a tick fires, in milliseconds: always the same for the same schedule and tick, so that two servers and a restart agree;
 * otherwise spread evenly from 0 to below `longest`.
 */
export function jitterOf(uid: string, scheduledFor: number, longest: number): number {
  if (longest <= 0) return 0;
  const digest = sha256(utf8ToBytes(`jitter\u0000${uid}\u0000${scheduledFor}`));
  const number = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  return Math.floor((number / 2 ** 32) * longest);
}
