import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** The characters Kubernetes makes random suffixes of. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const longestName = 63;
/** 27^10: an object that is taken for one that exists already would be lost, so that five characters as Kubernetes has them are too few. */
const suffixLength = 10;

/** A name in the manner of `generateName`, but always the same for the same identity, so that creating twice finds what is there. */
export function hashedName(generateName: string, identity: readonly string[]): string {
  const digest = sha256(utf8ToBytes(identity.join('\u0000')));
  let suffix = '';
  for (let position = 0; position < suffixLength; position++) {
    // Two bytes a character keep the remainders even to within a thousandth.
    const number = ((digest[position * 2] ?? 0) << 8) | (digest[position * 2 + 1] ?? 0);
    suffix += alphabet.charAt(number % alphabet.length);
  }
  return generateName.slice(0, longestName - suffixLength) + suffix;
}
