import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../resources/object.ts';
import { mergeApplied, settleApplied } from './apply.ts';
import { compare, difference, fieldsOf, intersection, isEmpty, pathsOf, union } from './field-set.ts';
import { type ManagedFields, managersAfterUpdate, readManagedFields, type Writer } from './managers.ts';

const at = (second: number): string => `2026-01-01T00:00:0${second}Z`;
const writer = (manager: string, second = 1): Writer => ({ manager, subresource: undefined, time: at(second) });
const map = (data: object, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', ...more },
  data,
});

function apply(live: KubeObject | undefined, config: KubeObject, by: Writer, force = false) {
  const merged = mergeApplied(live, config, by);
  const admitted = merged.object as KubeObject;
  const { conflicts, managers } = settleApplied(live, admitted, merged, by, force);
  const object: KubeObject = { ...admitted, metadata: { ...admitted.metadata, managedFields: managers } };
  return { conflicts: conflicts.map(({ manager, path }) => `${manager.manager}${path}`), managers, object };
}

function owners(managers: readonly ManagedFields[]): Record<string, readonly string[]> {
  return Object.fromEntries(managers.map(({ manager, fieldsV1 }) => [manager, pathsOf(fieldsV1)]));
}

describe('server-side apply', () => {
  it('gives the applier what it sends, and takes away what it no longer does', () => {
    const first = apply(undefined, map({ a: '1', b: '2' }), writer('x'));
    expect(owners(first.managers)).toEqual({ x: ['.data.a', '.data.b'] });
    const second = apply(first.object, map({ b: '2' }), writer('x', 2));
    expect(second.object['data']).toEqual({ b: '2' });
    expect(owners(second.managers)).toEqual({ x: ['.data.b'] });
    const nothing = apply(second.object, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } }, writer('x', 3));
    expect(nothing.object['data']).toBeUndefined();
    expect(nothing.managers).toEqual([]);
  });

  it('leaves what others set, and keeps what two have set', () => {
    const first = apply(undefined, map({ a: '1', b: '2' }), writer('x'));
    const second = apply(first.object, map({ b: '2', c: '3' }), writer('y', 2));
    expect(second.conflicts).toEqual([]);
    expect(second.object['data']).toEqual({ a: '1', b: '2', c: '3' });
    expect(owners(second.managers)).toEqual({ x: ['.data.a', '.data.b'], y: ['.data.b', '.data.c'] });
    const third = apply(second.object, map({ a: '1' }), writer('x', 3));
    expect(third.object['data']).toEqual({ a: '1', b: '2', c: '3' });
  });

  it('conflicts over another value, unless forced', () => {
    const first = apply(undefined, map({ a: '1', b: '2' }), writer('x'));
    expect(apply(first.object, map({ a: '9', b: '2' }), writer('y', 2)).conflicts).toEqual(['x.data.a']);
    const forced = apply(first.object, map({ a: '9', b: '2' }), writer('y', 2), true);
    expect(forced.object['data']).toEqual({ a: '9', b: '2' });
    expect(owners(forced.managers)).toEqual({ x: ['.data.b'], y: ['.data.a', '.data.b'] });
  });

  it('meets those who only updated, and objects nobody is on record for', () => {
    const live = map({ a: '1' });
    expect(apply(live, map({ a: '2' }), writer('x')).conflicts).toEqual(['before-first-apply.data.a']);
    const updated = { ...live, metadata: { name: 'm', managedFields: managersAfterUpdate([], undefined, live, writer('kubectl-create')) } };
    expect(apply(updated, map({ a: '2' }), writer('x')).conflicts).toEqual(['kubectl-create.data.a']);
  });

  it('changes nothing when applied twice, times included', () => {
    const first = apply(undefined, map({ a: '1' }, { labels: { l: 'x' } }), writer('x'));
    expect(apply(first.object, map({ a: '1' }, { labels: { l: 'x' } }), writer('x', 5)).object).toEqual(first.object);
  });

  it('knows elements of keyed lists in kinds of Kubernetes, and takes lists of ours as one value', () => {
    const pod = (containers: object[]): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } });
    const first = apply(undefined, pod([{ name: 'a', image: 'i' }]), writer('x'));
    const second = apply(first.object, pod([{ name: 'b', image: 'j' }]), writer('y', 2));
    expect(second.object['spec']).toEqual({
      containers: [
        { name: 'b', image: 'j' },
        { name: 'a', image: 'i' },
      ],
    });
    expect(owners(second.managers)['y']).toEqual(['.spec.containers[name="b"].name', '.spec.containers[name="b"].image']);
    const task = (steps: object[]): KubeObject => ({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 't' }, spec: { steps } });
    const steps = apply(undefined, task([{ name: 'a' }]), writer('x'));
    expect(apply(steps.object, task([{ name: 'b' }]), writer('y')).conflicts).toEqual(['x.spec.steps']);
  });
});

describe('updates', () => {
  it('move what they change to whoever writes, and forget what they take away', () => {
    const applied = apply(undefined, map({ a: '1', b: '2', c: '3' }), writer('x'));
    const next = map({ a: '1', b: '9' });
    expect(owners(managersAfterUpdate(applied.managers, applied.object, next, writer('y', 2)))).toEqual({ x: ['.data.a'], y: ['.data.b'] });
    expect(managersAfterUpdate(applied.managers, applied.object, applied.object, writer('y', 2))).toBe(applied.managers);
  });

  it('throw the oldest together when there are too many', () => {
    let object = map({});
    let managers: readonly ManagedFields[] = [];
    for (let index = 0; index < 14; index++) {
      const next = map({ ...(object['data'] as object), [`k${index}`]: 'v' });
      managers = managersAfterUpdate(managers, object, next, {
        manager: `m${index}`,
        subresource: undefined,
        time: `2026-01-01T00:00:${index + 10}Z`,
      });
      object = next;
    }
    expect(managers.map(({ manager }) => manager)).toEqual([
      'ancient-changes',
      ...Array.from({ length: 9 }, (_, index) => `m${index + 5}`),
    ]);
    expect(Object.keys(managers[0]?.fieldsV1 ?? {})).toEqual(['f:data']);
  });

  it('reads entries as clients send them and leaves out what is none', () => {
    const entry = { manager: 'x', operation: 'Apply', apiVersion: 'v1', time: at(1), fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };
    expect(readManagedFields([entry, { operation: 'Other' }, null, 7])).toEqual([
      { manager: 'x', operation: 'Apply', apiVersion: 'v1', time: at(1), fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
    ]);
    expect(readManagedFields('nonsense')).toEqual([]);
  });
});

describe('sets of fields', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  it('a difference and an intersection make the whole, for any two objects', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [left, right] = [fieldsOf({ a }, false), fieldsOf({ a: b }, false)];
        const both = union(difference(left, right), intersection(left, right));
        expect(isEmpty(difference(left, both))).toBe(true);
      }),
    );
  });

  it('comparing tells exactly whether two objects are the same', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const { changed, removed } = compare({ a }, { a: b }, false);
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        if (same) expect([isEmpty(changed), isEmpty(removed)]).toEqual([true, true]);
        else expect(isEmpty(changed) && isEmpty(removed)).toBe(false);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
