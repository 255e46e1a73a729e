import { createHmac } from 'node:crypto';
import type { Outside } from '../../src/triggers/outside.ts';

export interface FakeOutside extends Outside {
  /** Every secret that was read, as `namespace/name/key`. */
  readonly reads: string[];
  /** How many HMACs were worked out. */
  readonly hmacs: { count: number };
}

/** Secrets by `namespace/name/key`; a clock that does not move. */
export function fakeOutside(secrets: Readonly<Record<string, string>> = {}): FakeOutside {
  const reads: string[] = [];
  const hmacs = { count: 0 };
  return {
    reads,
    hmacs,
    async secret(namespace, name, key) {
      const path = `${namespace}/${name}/${key}`;
      reads.push(path);
      return Object.hasOwn(secrets, path) ? new TextEncoder().encode(secrets[path]) : undefined;
    },
    verifyHmac(algorithm, secret, body, signatureHex) {
      hmacs.count++;
      return secret.length > 0 && createHmac(algorithm, secret).update(body).digest('hex') === signatureHex;
    },
    equalSecret: (a, b) => a.length > 0 && Buffer.from(a).equals(Buffer.from(b)),
    elapsed: () => 0,
  };
}
