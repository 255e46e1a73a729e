import { describe, expect, it } from 'vitest';
import type { Rehearsed } from '../../main/rehearse-event.ts';
import { parseTriggerTest } from '../../resources/trigger-test/parse.ts';
import type { Verdict } from '../verdict-lines.ts';
import { checkTest } from './check-test.ts';

const base = { namespace: 'ns', tookMs: 0 };
const manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    generateName: 'made-',
    name: 'made-x1',
    namespace: 'ns',
    labels: {
      app: 'x',
      'triggers.tekton.dev/triggers-eventid': 'e',
      'triggers.tekton.dev/trigger': 't',
      'triggers.tekton.dev/eventlistener': 'l',
    },
  },
  data: { a: '1', list: ['x', 'y'] },
};
const verdicts: readonly Verdict[] = [
  {
    ...base,
    trigger: 'on',
    verdict: 'matched',
    chain: [],
    params: [
      { name: 'p', value: 'v' },
      { name: 'q', value: 'w' },
    ],
    manifests: [manifest],
    created: [],
  },
  {
    ...base,
    trigger: 'off',
    verdict: 'filtered',
    reason: 'expression a && b did not return true',
    chain: [{ interceptor: 'cel', outcome: 'stop', tookMs: 0, because: { source: "body.action == 'x'", values: {} } }],
  },
  { ...base, trigger: 'bad', verdict: 'failed', stage: 'bind', error: 'no such key: b', chain: [] },
];

function problems(expectation: unknown, rehearsed: Rehearsed = { outcome: 'judged', verdicts }): readonly string[] {
  const parsed = parseTriggerTest({
    apiVersion: 'tappet.dev/v1alpha1',
    kind: 'TriggerTest',
    metadata: { name: 'x' },
    spec: { listener: 'l', event: {}, expect: expectation },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return checkTest(parsed.test, rehearsed).map(({ what, diff = [] }) =>
    [what, ...diff.filter(({ mark }) => mark === '-' || mark === '+').map(({ mark, text }) => `${mark}${text.trim()}`)].join('|'),
  );
}

const rest = { bad: 'failed', off: 'filtered' };

describe('checkTest', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['verdicts', { triggers: { on: 'matched', ...rest } }, []],
    ['by namespace and name', { triggers: { 'ns/on': 'matched', ...rest } }, []],
    ['another verdict', { triggers: { ...rest, on: 'filtered' } }, ['on: expected filtered, got matched']],
    [
      'others are filtered',
      { triggers: { off: 'filtered' } },
      ['on: not named, so expected filtered; got matched', 'bad: not named, so expected filtered; got failed'],
    ],
    ['others may be anything', { triggers: { off: 'filtered' }, others: 'any' }, []],
    ['no such trigger', { triggers: { none: 'matched' }, others: 'any' }, ['none: the listener has no such trigger; it has on, off, bad']],
    [
      'reason',
      {
        triggers: { off: { verdict: 'filtered', reason: 'a && b' }, bad: { verdict: 'failed', reason: '/^no such .*: b$/' } },
        others: 'any',
      },
      [],
    ],
    [
      'another reason',
      { triggers: { bad: { verdict: 'failed', reason: '/^such/' } }, others: 'any' },
      ['bad: the reason has no "/^such/"'],
    ],
    ['because', { triggers: { off: { verdict: 'filtered', because: '/ACTION/i' } }, others: 'any' }, []],
    [
      'not because',
      { triggers: { off: { verdict: 'filtered', because: 'draft' }, bad: { verdict: 'failed', because: 'x' } }, others: 'any' },
      ['off: not decided by "draft"', 'bad: not decided by "x"'],
    ],
    ['params', { triggers: { on: { verdict: 'matched', params: { q: 'w' } } }, others: 'any' }, []],
    [
      'other params',
      { triggers: { on: { verdict: 'matched', params: { q: 'x', r: 'y' } } }, others: 'any' },
      ['on: other params|-q: x|-r: y|+q: w'],
    ],
    ['some fields', { triggers: { on: { verdict: 'matched', manifests: [{ data: { a: '1' }, kind: 'ConfigMap' }] } }, others: 'any' }, []],
    [
      'what is put on every object',
      { triggers: { on: { verdict: 'matched', manifests: [{ metadata: { name: 'made-x1' } }] } }, others: 'any' },
      [],
    ],
    [
      'another field',
      { triggers: { on: { verdict: 'matched', manifests: [{ data: { a: '2', b: '3' } }] } }, others: 'any' },
      ['on: other objects|-a: "2"|-b: "3"|+a: "1"'],
    ],
    [
      'lists whole',
      { triggers: { on: { verdict: 'matched', manifests: [{ data: { list: ['x'] } }] } }, others: 'any' },
      ['on: other objects|+- y'],
    ],
    [
      'exactly, but for what is put on every object',
      {
        triggers: {
          on: {
            verdict: 'matched',
            match: 'exact',
            manifests: [
              {
                kind: 'ConfigMap',
                apiVersion: 'v1',
                data: { list: ['x', 'y'], a: '1' },
                metadata: { labels: { app: 'x' }, generateName: 'made-' },
              },
            ],
          },
        },
        others: 'any',
      },
      [],
    ],
    [
      'not exactly',
      {
        triggers: {
          on: {
            verdict: 'matched',
            match: 'exact',
            manifests: [{ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' }, metadata: { generateName: 'made-' } }],
          },
        },
        others: 'any',
      },
      ['on: other objects|+list:|+- x|+- y|+labels:|+app: x'],
    ],
    [
      'another number of objects',
      { triggers: { on: { verdict: 'matched', manifests: [] } }, others: 'any' },
      [expect.stringMatching(/^on: other objects\|-\[\]\|\+- apiVersion: v1\|/) as unknown as string],
    ],
    ['a refusal that did not come', { refused: true }, ['expected the sender to be refused, but the event was taken']],
  ])('%s', (_, expectation, expected) => {
    expect(problems(expectation)).toEqual(expected);
  });

  it('of an event that was refused', () => {
    const refused: Rehearsed = { outcome: 'refused', message: 'signature not verified: no header' };
    expect(problems({ refused: true }, refused)).toEqual([]);
    expect(problems({ refused: 'not verified' }, refused)).toEqual([]);
    expect(problems({ refused: 'other' }, refused)).toEqual(['refused, but not with "other": signature not verified: no header']);
    expect(problems({ others: 'any' }, refused)).toEqual(['the sender was refused: signature not verified: no header']);
  });

  it('of a rehearsal that is wrong', () => {
    expect(problems({ others: 'any' }, { outcome: 'invalid', message: 'there is no EventListener ns/l' })).toEqual([
      'there is no EventListener ns/l',
    ]);
  });

  it('says what would have to stand in the test', () => {
    const parsed = parseTriggerTest({
      apiVersion: 'tappet.dev/v1alpha1',
      kind: 'TriggerTest',
      metadata: { name: 'x' },
      spec: {
        listener: 'l',
        event: {},
        expect: { triggers: { on: { verdict: 'matched', params: { q: 'x' }, manifests: [{ data: { a: '2' } }] } }, others: 'any' },
      },
    });
    const updates = parsed.ok ? checkTest(parsed.test, { outcome: 'judged', verdicts }).map(({ update }) => update) : [];
    expect(updates).toEqual([
      { trigger: 'on', field: 'params', value: { q: 'w' } },
      { trigger: 'on', field: 'manifests', value: [{ data: { a: '1' } }] },
    ]);
  });

  it('tells a regular expression that is none', () => {
    expect(() => problems({ triggers: { bad: { verdict: 'failed', reason: '/(/' } }, others: 'any' })).toThrow(
      /^\/\(\/ is not a regular expression: /,
    );
  });
});
