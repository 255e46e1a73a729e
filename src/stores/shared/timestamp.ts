import type { Facts } from './object-table.ts';

/** RFC 3339 in whole seconds, as Kubernetes' metav1.Time. */
export function timestamp(facts: Facts): string {
  return `${new Date(facts.clock.now()).toISOString().slice(0, 19)}Z`;
}
