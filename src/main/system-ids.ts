import { randomInt, randomUUID } from 'node:crypto';
import type { Ids } from '../ports/ids.ts';

/** No vowels and no look-alikes, so that a suffix spells nothing: the alphabet of the Kubernetes API server. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  nameSuffix: () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
};
