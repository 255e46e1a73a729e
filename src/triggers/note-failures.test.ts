import { describe, expect, it } from 'vitest';
import { noteFailures } from './note-failures.ts';
import type { Filtered, Matched } from './verdict.ts';

const base = { trigger: 't', namespace: 'ns', chain: [], tookMs: 1 };
const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name });
const matched: Matched = {
  ...base,
  verdict: 'matched',
  params: [{ name: 'p', value: 'v' }],
  manifests: [1, 2, 3],
  created: ['a', 'b', 'c'].map(object),
};
const filtered: Filtered = { ...base, verdict: 'filtered', reason: 'no' };

describe('what the store says of a match', () => {
  it('all there: a match as before', () => {
    expect(noteFailures([matched, filtered], [[undefined, undefined, undefined], []])).toEqual([matched, filtered]);
  });

  it('the second refused: failed, the first stays, the third was not tried', () => {
    expect(noteFailures([filtered, matched], [[], [undefined, 'exists already', null]])).toEqual([
      filtered,
      {
        ...base,
        verdict: 'failed',
        stage: 'create',
        params: matched.params,
        manifests: matched.manifests,
        created: [object('a'), { ...object('b'), error: 'exists already' }],
        error: 'ConfigMap b: exists already\n1 more of the template was not tried',
      },
    ]);
  });
});
