import { createHmac, timingSafeEqual } from 'node:crypto';
import { createInterceptorService } from '../../../src/events/interceptor-service.ts';
import type { Outside } from '../../../src/triggers/outside.ts';
import type { Vector } from './vector.ts';

export interface CelCase {
  readonly body?: string;
  readonly header?: Readonly<Record<string, readonly string[]>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly requestURL?: string;
  readonly filter?: string;
  readonly overlays?: readonly { readonly key?: string; readonly expression?: string }[];
  readonly response: unknown;
}

/** The cel interceptor over the wire protocol, as upstream's was asked. The file's note gives the defaults. */
export function cel(cases: readonly CelCase[]): readonly Vector[] {
  const service = createInterceptorService(outside);
  return cases.map((given) => ({
    name: `cel: ${given.filter ?? JSON.stringify(given.overlays)} of ${given.body ?? ''}`,
    expected: given.response,
    async run() {
      const request = {
        body: given.body ?? '',
        header: given.header ?? { 'Content-Type': ['application/json'], 'X-Foo': ['a', 'b'] },
        extensions: given.extensions,
        interceptor_params: { filter: given.filter, overlays: given.overlays },
        context: { event_url: given.requestURL ?? '/foo?x=1', event_id: 'EVT', trigger_id: 'namespaces/ns1/triggers/t' },
      };
      const { status, body } = await service('/cel', JSON.stringify(request));
      return status === 200 ? JSON.parse(body) : { status, body };
    },
  }));
}

const secrets = new Map([
  ['ns1/sec/k', 'v1'],
  ['ns2/sec/k', 'v2'],
]);

const outside: Outside = {
  async secret(namespace, name, key) {
    const value = secrets.get(`${namespace}/${name}/${key}`);
    return value === undefined ? undefined : Buffer.from(value);
  },
  verifyHmac: (algorithm, secret, body, hex) => createHmac(algorithm, secret).update(body).digest('hex') === hex,
  equalSecret: (a, b) => a.length === b.length && a.length > 0 && timingSafeEqual(a, b),
  elapsed: () => 0,
  now: () => 0,
  http: async ({ url }) => ({ ok: false, code: 'Unreachable', message: `${url}: nobody is there` }),
};
