import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventListener } from '../../src/resources/event-listener/schema.ts';
import type { Stored } from '../../src/resources/object.ts';
import { compileListener } from '../../src/triggers/compile-listener.ts';
import { evaluateListener } from '../../src/triggers/evaluate-listener.ts';
import { evaluateTrigger } from '../../src/triggers/evaluate-trigger.ts';
import { openEvent } from '../../src/triggers/open-event.ts';
import { fakeOutside } from '../support/fake-outside.ts';

const conjunct = fc.constantFrom(
  "body.a == 'x'",
  "'y' == body.a",
  "body.a in ['x', 'y']",
  'body.a == 1',
  'body.a == true',
  "body.nested.a == 'x'",
  "body['nested']['a'] in ['z']",
  "body.b == 'x' || body.b == 'y'",
  'has(body.a)',
  'has(body.nested.a)',
  "header.match('x-a', '1')",
  "header.canonical('X-A') == '2'",
  "header.canonical('X-B') in ['', '1']",
  "header['X-A'][0] == '1'",
  'true',
);
const value = fc.constantFrom<unknown>('x', 'y', 'z', 1, 1.5, null, true, ['x'], { a: 'x' }, { a: 'z' }, {});
const filters = fc.array(
  fc.array(conjunct, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' && ')),
  { minLength: 1, maxLength: 12 },
);

const lookup = {
  trigger: () => undefined,
  triggers: () => [],
  triggerBinding: () => undefined,
  clusterTriggerBinding: () => undefined,
  triggerTemplate: () => undefined,
  clusterInterceptor: () => undefined,
  interceptor: () => undefined,
};

function listenerOf(expressions: readonly string[]): Stored<EventListener> {
  return {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: {
      name: 'el',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-23T12:00:00Z',
    },
    spec: {
      triggers: expressions.map((filter, index) => ({
        name: `t${index}`,
        interceptors: [{ ref: { name: 'cel', kind: 'ClusterInterceptor' }, params: [{ name: 'filter', value: filter }] }],
        template: { spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `made-${index}` } }] } },
      })),
    },
  };
}

describe('trigger index', () => {
  it('fires exactly the triggers that fire when each is evaluated on its own', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.record({ a: value, b: value, nested: value }, { requiredKeys: [] }), async (expressions, body) => {
        const compiled = compileListener(listenerOf(expressions), lookup);
        const event = () =>
          openEvent({
            eventId: 'e',
            url: '/',
            headers: { 'X-A': ['1'], 'Content-Type': ['application/json'] },
            body: Buffer.from(JSON.stringify(body)),
          });
        const together = await evaluateListener(compiled, event(), fakeOutside());
        const fired = together.flatMap((verdict) => (verdict.verdict === 'matched' ? [verdict.trigger] : []));
        const alone: string[] = [];
        for (const trigger of compiled.triggers) {
          if ((await evaluateTrigger(trigger, event(), fakeOutside())).verdict === 'matched') alone.push(trigger.name);
        }
        expect(fired.toSorted()).toEqual(alone.toSorted());
      }),
      { numRuns: 400 },
    );
  });
});
