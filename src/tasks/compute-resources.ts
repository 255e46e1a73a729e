import type { ComputeResources } from '../resources/core/pod-fields.ts';
import { quantity } from './quantity.ts';

/**
 * What the TaskRun's own `computeResources` mean for each of its steps: the whole of every limit, and an equal share of every request, of the limits
 * where there are no requests. Shares are cut to thousandths of a CPU and to whole bytes.
 * Follows tektoncd/pipeline pkg/internal/computeresources/tasklevel, `ApplyTaskLevelComputeResources`.
 */
export function shareOf(resources: ComputeResources, steps: number): ComputeResources {
  const { limits, requests } = resources;
  const shared = requests && Object.keys(requests).length > 0 ? requests : limits;
  return {
    ...(limits && { limits }),
    ...(shared && {
      requests: Object.fromEntries(Object.entries(shared).map(([name, amount]) => [name, shareOfAmount(name, amount, steps)])),
    }),
  };
}

/**
 * The configuration's word (`default-container-resource-requirements`) for a container that says nothing itself: of its own name, else the longest
 * `prefix-X` with a name that begins with `X-`, else `default`.
 * Follows tektoncd/pipeline pkg/internal/defaultresourcerequirements, which takes any prefix that fits.
 */
export function defaultResources(
  container: string,
  own: ComputeResources | undefined,
  defaults: Readonly<Record<string, ComputeResources>>,
): ComputeResources | undefined {
  if (!isEmpty(own)) return own;
  const prefixes = Object.keys(defaults).filter(
    (key) => key.startsWith('prefix-') && container.startsWith(`${key.slice('prefix-'.length)}-`),
  );
  const keys = [container, ...prefixes.toSorted((a, b) => b.length - a.length), 'default'];
  const found = keys.find((key) => Object.hasOwn(defaults, key) && !isEmpty(defaults[key]));
  return found === undefined ? own : defaults[found];
}

function isEmpty(resources: ComputeResources | undefined): boolean {
  return Object.values(resources ?? {}).every((part) => part === undefined || Object.keys(part).length === 0);
}

/** An equal part of an amount of `name`, cut to thousandths of a CPU, or to whole bytes. What is no quantity stays as it is. */
export function shareOfAmount(name: string, amount: string, steps: number): string {
  const total = quantity(amount);
  if (total === undefined) return amount;
  if (name !== 'cpu') return String(Math.floor(total / steps));
  // A share of 0.1 must not come out as 99m.
  const milli = Math.floor(Number(((total * 1000) / steps).toFixed(6)));
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}
