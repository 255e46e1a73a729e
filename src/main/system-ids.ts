import { randomInt, randomUUID } from 'node:crypto';
import type { Ids } from '../ports/ids.ts';

/** No vowels and no look-alikes, so that a suffix spells nothing: the alphabet of the Kubernetes API server. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export const systemIds: Ids = {
  uuid: () => timeOrdered(randomUUID(), Date.now()),
  nameSuffix: () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
};

/** Version 4 made version 7 (RFC 9562): 48 bits of time, then 74 random ones. */
function timeOrdered(uuid: string, now: number): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}
