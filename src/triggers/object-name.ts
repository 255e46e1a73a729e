import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { hashedName } from '../resources/naming/hashed-name.ts';

/** One object of one run of a trigger; together with the template's position this is its identity. */
export interface RunIdentity {
  readonly eventId: string;
  /** Unique among the triggers of all listeners: `CompiledTrigger.key`. */
  readonly trigger: string;
}

/** The name an object with `generateName` gets: always the same for the same event, trigger and position in the template. */
export function objectName(generateName: string, { eventId, trigger }: RunIdentity, index: number): string {
  return hashedName(generateName, [eventId, trigger, `object ${index}`]);
}

/** `$(uid)`: in the form of a version 8 UUID, the same whenever this run is rendered again. */
export function runUid({ eventId, trigger }: RunIdentity): string {
  const hex = bytesToHex(sha256(utf8ToBytes([eventId, trigger, 'uid'].join('\u0000'))));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
