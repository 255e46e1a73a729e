import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The characters Kubernetes makes random suffixes of. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const longestName = 63;
/** 27^10: an object that is taken for one that exists already would be lost, so that five characters as Kubernetes has them are too few. */
const suffixLength = 10;

/** One object of one run of a trigger; together with the template's position this is its identity. */
export interface RunIdentity {
  readonly eventId: string;
  /** Unique among the triggers of all listeners: `CompiledTrigger.key`. */
  readonly trigger: string;
}

/**
 * The name an object with `generateName` gets: always the same for the same event, trigger and position in the template, so that creating
 * it twice finds what is there.
 */
export function objectName(generateName: string, run: RunIdentity, index: number): string {
  const digest = digestOf(run, `object ${index}`);
  let suffix = '';
  for (let position = 0; position < suffixLength; position++) {
    // Two bytes a character keep the remainders even to within a thousandth.
    const number = ((digest[position * 2] ?? 0) << 8) | (digest[position * 2 + 1] ?? 0);
    suffix += alphabet.charAt(number % alphabet.length);
  }
  return generateName.slice(0, longestName - suffixLength) + suffix;
}

/** `$(uid)`: in the form of a version 8 UUID, the same whenever this run is rendered again. */
export function runUid(run: RunIdentity): string {
  const hex = bytesToHex(digestOf(run, 'uid'));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digestOf({ eventId, trigger }: RunIdentity, what: string): Uint8Array {
  return sha256(utf8ToBytes([eventId, trigger, what].join('\u0000')));
}
