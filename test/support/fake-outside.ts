import { createHmac } from 'node:crypto';
import type { SendHttp } from '../../src/triggers/http-exchange.ts';
import type { Outside } from '../../src/triggers/outside.ts';

export interface FakeOutside extends Outside {
  /** Every secret that was read, as `namespace/name/key`. */
  readonly reads: string[];
  /** How many HMACs were worked out. */
  readonly hmacs: { count: number };
}

/** Secrets by `namespace/name/key`; a clock that does not move; `http` answers as told, or is not reached. */
export function fakeOutside(
  secrets: Readonly<Record<string, string>> = {},
  { http, now = Date.UTC(2026, 0, 1) }: { readonly http?: SendHttp | undefined; readonly now?: number | undefined } = {},
): FakeOutside {
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
    now: () => now,
    http: http ?? (async ({ url }) => ({ ok: false, code: 'Unreachable', message: `cannot reach ${url}: nobody is there` })),
  };
}
