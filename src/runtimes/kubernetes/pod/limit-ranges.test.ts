import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitRange } from '../../../resources/core/limit-range/schema.ts';
import { quantity } from '../../../tasks/quantity.ts';
import { defaultStepRequests, withDefaultRequests } from './limit-ranges.ts';

type Bounds = NonNullable<NonNullable<LimitRange['spec']>['limits']>[number];

const range = (...limits: readonly Partial<Bounds>[]): LimitRange => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'bounds', namespace: 'ci' },
  spec: { limits: limits.map((each) => ({ type: 'Container', ...each })) },
});

describe('defaultStepRequests', () => {
  it('divides the default request among the steps', () => {
    const ranges = [range({ defaultRequest: { cpu: '1500m', memory: '256Mi', 'ephemeral-storage': '1Gi' } })];
    expect(defaultStepRequests(ranges, 2)).toEqual({ cpu: '750m', memory: '134217728', 'ephemeral-storage': '536870912' });
    expect(defaultStepRequests(ranges, 4)).toMatchObject({ cpu: '375m' });
    expect(defaultStepRequests([range({ defaultRequest: { cpu: '1', memory: '100' } })], 3)).toEqual({ cpu: '333m', memory: '33' });
  });

  it('never goes below the minimum', () => {
    const bounds = { min: { cpu: '200m', memory: '100Mi' }, defaultRequest: { cpu: '1', memory: '100Mi' } };
    expect(defaultStepRequests([range(bounds)], 2)).toEqual({ cpu: '500m', memory: '100Mi' });
    expect(defaultStepRequests([range(bounds)], 10)).toEqual({ cpu: '200m', memory: '100Mi' });
    expect(defaultStepRequests([range({ min: { memory: '50Mi' } })], 2)).toEqual({ memory: '50Mi' });
  });

  it('takes the most restrictive of several, and one that says nothing for nothing', () => {
    const ranges = [
      range({ min: { cpu: '100m' }, defaultRequest: { cpu: '800m' } }),
      range({ min: { cpu: '300m' }, defaultRequest: { cpu: '1', memory: '1Gi' } }),
      range({ max: { cpu: '4' } }),
    ];
    expect(defaultStepRequests(ranges, 2)).toEqual({ cpu: '400m', memory: '536870912' });
    expect(defaultStepRequests(ranges.toReversed(), 2)).toEqual({ cpu: '400m', memory: '536870912' });
  });

  it('leaves pods’ and claims’ bounds, maxima, defaults of limits and other resources alone', () => {
    const bounds = { max: { cpu: '1' }, default: { cpu: '1' }, min: { 'nvidia.com/gpu': '1' }, defaultRequest: { cpu: '0' } };
    expect(defaultStepRequests([range(bounds, { type: 'Pod', min: { cpu: '1' } })], 1)).toEqual({});
    expect(defaultStepRequests([], 1)).toEqual({});
  });

  it('has all steps together request no more than one container would, where the minimum lets them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64_000 }), fc.nat(2 ** 40), fc.integer({ min: 1, max: 40 }), (milli, bytes, steps) => {
        const shares = defaultStepRequests([range({ defaultRequest: { cpu: `${milli}m`, memory: String(bytes) } })], steps);
        expect((quantity(shares['cpu'] ?? '0') ?? 0) * steps).toBeLessThanOrEqual(milli / 1000 + 1e-9);
        expect((quantity(shares['memory'] ?? '0') ?? 0) * steps).toBeLessThanOrEqual(bytes);
      }),
    );
  });
});

describe('withDefaultRequests', () => {
  it('adds what a step does not request, or requests none of', () => {
    expect(withDefaultRequests({ requests: { cpu: '2', memory: '0' }, limits: { cpu: '4' } }, { cpu: '1', memory: '1Gi' })).toEqual({
      requests: { cpu: '2', memory: '1Gi' },
      limits: { cpu: '4' },
    });
    expect(withDefaultRequests(undefined, { cpu: '1' })).toEqual({ requests: { cpu: '1' } });
  });

  it('does nothing to a step that says all, or where there is nothing to add', () => {
    const own = { requests: { cpu: '2' } };
    expect(withDefaultRequests(own, { cpu: '1' })).toBe(own);
    expect(withDefaultRequests(undefined, {})).toBeUndefined();
  });
});
