import { describe, expect, it } from 'vitest';
import { parseTriggerTest } from './parse.ts';

const test = (spec: unknown) => ({ apiVersion: 'tappet.dev/v1alpha1', kind: 'TriggerTest', metadata: { name: 'x' }, spec });
const expected = { triggers: { a: 'matched' } };
const errors = (spec: unknown): readonly string[] => {
  const parsed = parseTriggerTest(test(spec));
  return parsed.ok ? [] : parsed.errors.map(({ message, paths }) => `${paths.join(',')}: ${message}`);
};

describe('parseTriggerTest', () => {
  it('spells out what is written short', () => {
    expect(
      parseTriggerTest(test({ listener: 'l', expect: { triggers: { a: 'matched', b: { verdict: 'failed', reason: 'x' } } } })),
    ).toMatchObject({
      ok: true,
      test: { spec: { expect: { triggers: { a: { verdict: 'matched' }, b: { verdict: 'failed', reason: 'x' } } } } },
    });
  });

  it.each<[unknown, readonly string[]]>([
    [{ listener: 'l', event: { github: 'push' }, expect: expected }, []],
    [{ schedule: 's', event: { set: { a: 1 } }, now: '2026-01-01T00:00:00+01:00', expect: { others: 'any' } }, []],
    [{ expect: expected }, ['spec.listener,spec.schedule: expected exactly one, got neither']],
    [{ listener: 'l', schedule: 's', expect: expected }, ['spec.listener,spec.schedule: expected exactly one, got both']],
    [
      { schedule: 's', event: { body: {}, headers: {} }, expect: expected },
      ['spec.event.body: nobody sends the tick of a schedule', 'spec.event.headers: nobody sends the tick of a schedule'],
    ],
    [
      { listener: 'l', event: { body: {}, bodyFile: 'x' }, expect: expected },
      ['spec.event.body,spec.event.bodyFile: expected at most one'],
    ],
    [
      { listener: 'l', event: { unsigned: true, signWith: { secretName: 'a', secretKey: 'b' } }, expect: expected },
      ['spec.event.unsigned,spec.event.signWith: expected at most one'],
    ],
    [{ listener: 'l', expect: { refused: true, ...expected } }, ['spec.expect.triggers: no trigger sees an event that is refused']],
    [{ listener: 'l', expect: {} }, ['spec.expect: expected at least one of refused, triggers, others']],
    [
      { listener: 'l', expect: { triggers: { a: 'fired' } } },
      ['spec.expect.triggers.a.verdict: got "fired", expected one of "matched", "filtered", "failed"'],
    ],
    [
      { listener: 'l', expect: { triggers: { 'a.b': { verdict: 'matched', when: 1 } } } },
      ['spec.expect.triggers[a.b].when: no such field'],
    ],
    [{ listener: 'l', event: { url: 'x' }, expect: expected }, ['spec.event.url: expected a path, beginning with /']],
    [{ listener: 'l', now: 'noon', expect: expected }, ['spec.now: expected a time such as 2026-01-31T12:00:00Z']],
    [{ listener: 7, expect: expected }, ['spec.listener: got a number, expected a string']],
  ])('%j', (spec, problems) => {
    expect(errors(spec)).toEqual(problems);
  });

  it('takes anything for wrong that is no test', () => {
    for (const raw of [null, 7, [], {}, { kind: 'Pod' }, JSON.parse('{"spec":{"expect":{"triggers":{"__proto__":"matched"}}}}')]) {
      expect(parseTriggerTest(raw).ok).toBe(false);
    }
  });
});
