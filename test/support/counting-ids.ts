import type { Ids } from '../../src/ports/ids.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Ids that tests can foretell: uuids and suffixes count up. */
export function countingIds(): Ids {
  let uuids = 0;
  let suffixes = 0;
  return {
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
    nameSuffix() {
      let rest = suffixes++;
      let suffix = '';
      for (let i = 0; i < 5; i++) {
        suffix = (ALPHABET[rest % ALPHABET.length] ?? 'b') + suffix;
        rest = Math.floor(rest / ALPHABET.length);
      }
      return suffix;
    },
  };
}
