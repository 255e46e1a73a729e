import { describe, expect, it } from 'vitest';
import { expressionCache } from '../../src/triggers/expression-cache.ts';
import { cel } from '../../src/triggers/interceptors/cel.ts';
import { openEvent } from '../../src/triggers/open-event.ts';
import { fakeOutside } from '../support/fake-outside.ts';
import { type CelVector, readVectors, vectorsPath } from './trigger-vectors.ts';

const codes: Readonly<Record<string, number>> = { InvalidArgument: 3, FailedPrecondition: 9, Internal: 13 };

/** What differs, and why. */
const deviations: ReadonlySet<string> = new Set([
  // ANTLR goes on after a syntax error and reports more of them; we stop at the first.
  'body.in == 1',
]);

async function intercept(vector: CelVector): Promise<unknown> {
  const event = openEvent({
    eventId: 'EVT',
    url: vector.requestURL ?? '/foo?x=1',
    headers: vector.header ?? { 'Content-Type': ['application/json'], 'X-Foo': ['a', 'b'] },
    body: new TextEncoder().encode(vector.body ?? ''),
  });
  const params = new Map<string, unknown>([
    ['filter', vector.filter],
    ['overlays', vector.overlays],
  ]);
  const outside = fakeOutside({ 'ns1/sec/k': 'v1', 'ns2/sec/k': 'v2' });
  const answer = await cel(params, {
    namespace: 'ns1',
    expressions: expressionCache(),
    policy: { unsigned: 'warn', sha1: 'warn' },
  }).intercept({
    event,
    extensions: vector.extensions ?? {},
    namespace: 'ns1',
    triggerId: 'namespaces/ns1/triggers/t',
    outside,
    trace: false,
  });
  if (answer.outcome === 'continue') return { continue: true, ...(answer.extensions && { extensions: answer.extensions }), status: {} };
  return { continue: false, status: { code: codes[answer.code], message: answer.message } };
}

const vectors = readVectors();

describe.skipIf(vectors === undefined)(`the cel interceptor as upstream's${vectors === undefined ? `: no ${vectorsPath}` : ''}`, () => {
  const cases = vectors?.cel.cases ?? [];

  it('has cases', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases.map((vector) => [vector.filter ?? JSON.stringify(vector.overlays) ?? '', vector.body ?? '', vector] as const))(
    '%s of %s',
    async (_, __, vector) => {
      if (deviations.has(vector.filter ?? '')) return;
      // Through JSON, as the vectors came: it knows no minus zero.
      expect(JSON.parse(JSON.stringify(await intercept(vector)))).toEqual(vector.response);
    },
  );
});
