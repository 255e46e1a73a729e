import type { LimitRange } from '../../../resources/core/limit-range/schema.ts';
import type { ComputeResources } from '../../../resources/core/pod-fields.ts';
import { shareOfAmount } from '../../../tasks/compute-resources.ts';
import { quantity } from '../../../tasks/quantity.ts';

type Amounts = NonNullable<ComputeResources['requests']>;
type Bounds = NonNullable<NonNullable<LimitRange['spec']>['limits']>[number];

/** Others, such as GPUs, upstream leaves to Kubernetes. */
const resources = ['cpu', 'memory', 'ephemeral-storage'] as const;

/**
 * What each step is to request that does not say so itself, by the LimitRanges of its namespace: an equal part of `defaultRequest`, so that all steps
 * together request no more than one container would be given, but never less than `min`. Of several LimitRanges the largest `min` and the smallest
 * `defaultRequest` count. Limits, `max` and ratios are Kubernetes' own affair.
 * Follows tektoncd/pipeline pkg/internal/computeresources, where of several LimitRanges the order decides whether one without a `defaultRequest` takes it
 * away from the others; here it never does.
 */
export function defaultStepRequests(limitRanges: readonly LimitRange[], steps: number): Amounts {
  const ofContainers = limitRanges.flatMap(({ spec }) => spec?.limits?.filter(({ type }) => type === 'Container') ?? []);
  return Object.fromEntries(
    resources.flatMap((name) => {
      const least = sorted(ofContainers, 'min', name).at(-1);
      const byDefault = sorted(ofContainers, 'defaultRequest', name)[0];
      const share = byDefault === undefined ? undefined : shareOfAmount(name, byDefault, steps);
      const request = [share, least].filter(isSome).sort(byAmount).at(-1);
      return request === undefined ? [] : [[name, request]];
    }),
  );
}

/** The resources of a step with what it does not request itself, or requests none of. A new value only where something is added. */
export function withDefaultRequests(own: ComputeResources | undefined, defaults: Amounts): ComputeResources | undefined {
  const missing = Object.entries(defaults).filter(([name]) => !isSome(String(own?.requests?.[name] ?? '0')));
  return missing.length === 0 ? own : { ...own, requests: { ...own?.requests, ...Object.fromEntries(missing) } };
}

/** The least first; nothing and zero say nothing. */
function sorted(bounds: readonly Bounds[], which: 'min' | 'defaultRequest', name: string): readonly string[] {
  return bounds
    .map((each) => String(each[which]?.[name] ?? '0'))
    .filter(isSome)
    .sort(byAmount);
}

function isSome(amount: string | undefined): amount is string {
  return amount !== undefined && (quantity(amount) ?? 0) > 0;
}

function byAmount(a: string, b: string): number {
  return (quantity(a) ?? 0) - (quantity(b) ?? 0);
}
