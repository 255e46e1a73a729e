import type { NamespaceSelector } from '../resources/event-listener/schema.ts';
import type { LabelSelector } from '../resources/label-selector.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import type { TriggerLookup } from './lookup.ts';

export interface TriggerSelector {
  readonly namespaceSelector?: NamespaceSelector | undefined;
  readonly labelSelector?: LabelSelector | undefined;
}

/**
 * `*` alone means all namespaces, a list those in its order, none with a label selector (even an empty one) the listener's own; neither
 * selects nothing. reference/triggers.md 6.3.
 */
export function selectTriggers(selector: TriggerSelector, namespace: string, lookup: TriggerLookup): readonly Trigger[] {
  const names = selector.namespaceSelector?.matchNames ?? [];
  const { labelSelector } = selector;
  if (names.length === 0 && labelSelector === undefined) return [];
  const everywhere = names.length === 1 && names[0] === '*';
  const searched = names.length === 0 ? [namespace] : names;
  const triggers = everywhere ? lookup.triggers() : searched.flatMap((name) => lookup.triggers(name));
  return labelSelector === undefined ? triggers : triggers.filter((trigger) => matchesLabels(labelSelector, trigger.metadata.labels ?? {}));
}

function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const labelOf = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const named = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(key) === value);
  return named && (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => matches(labelOf(key), operator, values));
}

function matches(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
