import { describe, expect, it } from 'vitest';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { compareVerdicts } from './compare-verdicts.ts';

const base = { namespace: 'ns', chain: [], tookMs: 0 };
const matched = (trigger: string, data = 'a', metadata: Record<string, unknown> = {}): TriggerVerdict => ({
  ...base,
  trigger,
  verdict: 'matched',
  params: [{ name: 'p', value: 'v' }],
  manifests: [{ kind: 'ConfigMap', metadata: { generateName: 'x-', ...metadata }, data }],
  created: [],
});
const filtered = (trigger: string, reason = 'no'): TriggerVerdict => ({ ...base, trigger, verdict: 'filtered', reason });
const failed = (trigger: string, error = 'broken'): TriggerVerdict => ({ ...base, trigger, verdict: 'failed', stage: 'bind', error });
const others = (passedOver: number): TriggerVerdict => ({ ...base, trigger: '', verdict: 'filtered', reason: 'others', passedOver });

const changes = (before: readonly TriggerVerdict[], after: readonly TriggerVerdict[]) =>
  compareVerdicts(before, after).map(({ trigger, was, now, differs }) => [trigger, was, now, ...(differs === undefined ? [] : [differs])]);

describe('compareVerdicts', () => {
  it('tells what is another verdict, in the order of the later ones', () => {
    expect(changes([matched('a'), filtered('b'), failed('c')], [failed('c'), matched('b'), filtered('a')])).toEqual([
      ['b', 'filtered', 'matched'],
      ['a', 'matched', 'filtered'],
    ]);
  });

  it('tells what is the same verdict with other contents, but not why something was filtered', () => {
    const otherParams = { ...matched('a'), params: [{ name: 'p', value: 'w' }] } as TriggerVerdict;
    expect(changes([matched('a')], [otherParams])).toEqual([['a', 'matched', 'matched', 'params']]);
    expect(changes([matched('a')], [matched('a', 'b')])).toEqual([['a', 'matched', 'matched', 'manifests']]);
    expect(changes([failed('a')], [failed('a', 'otherwise')])).toEqual([['a', 'failed', 'failed', 'error']]);
    expect(changes([filtered('a')], [filtered('a', 'otherwise')])).toEqual([]);
  });

  it('passes over what is put on every object', () => {
    const stamped = {
      name: 'x-abc',
      namespace: 'ns',
      labels: { 'triggers.tekton.dev/triggers-eventid': 'e' },
      annotations: { 'tappet.dev/replay-of': 'e' },
    };
    expect(changes([matched('a')], [matched('a', 'a', stamped)])).toEqual([]);
    expect(changes([matched('a')], [matched('a', 'a', { namespace: 'elsewhere' })])).toEqual([['a', 'matched', 'matched', 'manifests']]);
  });

  it('takes a trigger that is not named for filtered where many were passed over, and else for absent', () => {
    expect(changes([others(30)], [matched('a'), filtered('b')])).toEqual([['a', 'filtered', 'matched']]);
    expect(changes([matched('a'), filtered('b')], [others(30)])).toEqual([['a', 'matched', 'filtered']]);
    expect(changes([matched('a')], [filtered('b')])).toEqual([
      ['b', 'absent', 'filtered'],
      ['a', 'matched', 'absent'],
    ]);
  });

  it('tells triggers of one name apart by namespace and order', () => {
    const elsewhere = { ...matched('a'), namespace: 'other' } as TriggerVerdict;
    expect(compareVerdicts([matched('a'), elsewhere], [matched('a'), { ...filtered('a'), namespace: 'other' }])).toEqual([
      { trigger: 'a', namespace: 'other', was: 'matched', now: 'filtered', differs: undefined },
    ]);
    expect(changes([matched('a'), matched('a')], [matched('a'), filtered('a')])).toEqual([['a', 'matched', 'filtered']]);
  });
});
