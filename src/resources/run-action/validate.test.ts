import { describe, expect, it } from 'vitest';
import { admit, validateUpdate } from '../admit.ts';
import { defaultEngineConfig } from '../engine-config.ts';
import { type FieldError, renderFieldErrors } from '../field-error.ts';
import type { KubeObject } from '../object.ts';

const good = { action: 'Cancel', selector: { matchLabels: { pull: '7' } } };

function admitted(spec: Readonly<Record<string, unknown>>) {
  const metadata = { name: 'stop', namespace: 'default' };
  return admit({ apiVersion: 'tappet.dev/v1alpha1', kind: 'RunAction', metadata, spec }, defaultEngineConfig);
}

function object(spec: Readonly<Record<string, unknown>>): KubeObject {
  const admission = admitted(spec);
  if (!admission.ok) throw new Error(renderFieldErrors(admission.errors));
  return admission.object;
}

const errors = (spec: Readonly<Record<string, unknown>>): readonly FieldError[] => {
  const admission = admitted(spec);
  return admission.ok ? [] : admission.errors;
};

describe('a RunAction', () => {
  it('has defaults', () => {
    expect(object(good)['spec']).toEqual({ ...good, kinds: ['PipelineRun'], ttl: '24h0m0s' });
    expect(object({ ...good, action: 'Rerun' })['spec']).toEqual({
      ...good,
      action: 'Rerun',
      only: 'Failed',
      kinds: ['PipelineRun'],
      ttl: '24h0m0s',
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a TaskRun to cancel', { ...good, kinds: ['TaskRun', 'PipelineRun'] }],
    ['finally', { ...good, action: 'CancelRunFinally' }],
    ['all to be run again', { ...good, action: 'Rerun', only: 'All', kinds: ['TaskRun'] }],
    ['an empty label', { ...good, selector: { matchLabels: { 'example.com/pull': '' } } }],
    ['expressions', { ...good, selector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }],
    ['gone at once', { ...good, ttl: '0s' }],
  ])('is right: %s', (_, spec) => {
    expect(errors(spec)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no action', { selector: good.selector }, 'missing field(s): spec.action'],
    [
      'an unknown action',
      { ...good, action: 'Delete' },
      'got "Delete", expected one of "Cancel", "CancelRunFinally", "StoppedRunFinally", "Rerun": spec.action',
    ],
    ['no selector', { action: 'Cancel' }, 'missing field(s): spec.selector'],
    [
      'an empty selector',
      { ...good, selector: {} },
      'missing field(s): spec.selector.matchExpressions, spec.selector.matchLabels\nsay which runs are meant',
    ],
    [
      'a selector of nothing',
      { ...good, selector: { matchLabels: {}, matchExpressions: [] } },
      'missing field(s): spec.selector.matchExpressions, spec.selector.matchLabels\nsay which runs are meant',
    ],
    [
      'a param that stayed as it is',
      { ...good, selector: { matchLabels: { pull: '$(tt.params.number)' } } },
      'invalid value: $(tt.params.number): spec.selector.matchLabels[pull]\n' +
        'expected a label value: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends',
    ],
    [
      'a value that would be another selector',
      { ...good, selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['x),b notin (y'] }] } },
      'invalid value: x),b notin (y: spec.selector.matchExpressions[0].values[0]\n' +
        'expected a label value: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends',
    ],
    [
      'a key that is none',
      { ...good, selector: { matchLabels: { 'a b': 'c' } } },
      'invalid value: a b: spec.selector.matchLabels\nexpected a label key, like app or example.com/app',
    ],
    [
      'an unknown operator',
      { ...good, selector: { matchExpressions: [{ key: 'a', operator: 'in' }] } },
      'invalid value: in: spec.selector.matchExpressions[0].operator\nexpected one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      'no values',
      { ...good, selector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: [] }] } },
      'missing field(s): spec.selector.matchExpressions[0].values\nNotIn needs at least one',
    ],
    [
      'values of none',
      { ...good, selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      'must not set the field(s): spec.selector.matchExpressions[0].values',
    ],
    ['no kinds', { ...good, kinds: [] }, 'missing field(s): spec.kinds'],
    ['other kinds', { ...good, kinds: ['Pod'] }, 'got "Pod", expected one of "PipelineRun", "TaskRun": spec.kinds[0]'],
    [
      'finally of TaskRuns',
      { ...good, action: 'StoppedRunFinally', kinds: ['TaskRun'] },
      'invalid value: StoppedRunFinally: spec.action\na TaskRun has no finally: use Cancel, or kinds: [PipelineRun]',
    ],
    ['only, of a cancellation', { ...good, only: 'All' }, 'must not set the field(s): spec.only'],
    ['a time that is none', { ...good, ttl: '1 day' }, 'invalid duration "1 day", expected one like 1h30m, 90s or 500ms: spec.ttl'],
    ['a time in the past', { ...good, ttl: '-1s' }, 'invalid value: -1s: spec.ttl\nexpected 0s or longer'],
    ['a novel', { ...good, reason: 'x'.repeat(1_001) }, 'invalid value: 1001 characters: spec.reason\nexpected at most 1000'],
    ['unknown fields', { ...good, label: 'a' }, 'json: unknown field "label": spec.label'],
  ])('is told about: %s', (_, spec, text) => {
    expect(renderFieldErrors(errors(spec))).toBe(text);
  });

  it('does not become another one', () => {
    const before = object(good);
    expect(validateUpdate(before, object({ ...good, ttl: '1h' }))).toEqual([]);
    expect(renderFieldErrors(validateUpdate(before, object({ ...good, action: 'Rerun' })))).toBe(
      'invalid value: a RunAction acts once, only its ttl may be changed: spec\ncreate another RunAction instead',
    );
  });
});
