import type { ComputeResources, ResourceField } from '../resources/core/pod-fields.ts';
import { quantity } from './quantity.ts';

/** What a container without a limit may use of the machine: cores, and bytes by the resource's name. */
export type NodeResources = Readonly<Record<string, number>>;

/**
 * A container's own limit or request as a whole number of divisors, rounded up, as the kubelet tells it in `resourceFieldRef`. A limit that
 * is not set is the machine's, a request that is not set is the limit, or 0. `undefined`: there is no such resource.
 */
export function resourceFieldValue(
  { resource, divisor }: ResourceField,
  own: ComputeResources | undefined,
  node: NodeResources,
): string | undefined {
  const [, group, name = ''] = /^(limits|requests)\.(.+)$/.exec(resource) ?? [];
  if (group === undefined) return undefined;
  const limit = amountOf(own?.limits, name);
  const amount = group === 'limits' ? (limit ?? amountOf(node, name)) : (amountOf(own?.requests, name) ?? limit ?? 0);
  if (amount === undefined) return undefined;
  const unit = quantity(divisor ?? '1') || 1;
  // Cores are counted in thousandths; so are their divisors, else 1.1 by 0.1 would be 12.
  const scale = name === 'cpu' ? 1000 : 1;
  return String(Math.ceil(whole(amount * scale) / whole(unit * scale)));
}

function amountOf(amounts: Readonly<Record<string, string | number>> | undefined, name: string): number | undefined {
  const amount = amounts !== undefined && Object.hasOwn(amounts, name) ? amounts[name] : undefined;
  return typeof amount === 'string' ? quantity(amount) : amount;
}

/** Rounded up, but for what floating point has added. */
function whole(amount: number): number {
  return Math.ceil(Number(amount.toPrecision(12)));
}
