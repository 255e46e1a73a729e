import type { CompiledTrigger } from './compiled-listener.ts';
import type { Condition } from './interceptors/interceptor.ts';
import { firstHeader, type OpenEvent } from './open-event.ts';

/** Finds the triggers an event could match without looking at each. */
export interface TriggerIndex {
  /** Positions in the listener's list, ascending. Every trigger that is not among them would not have fired. */
  candidates(event: OpenEvent): readonly number[];
}

type Scalar = string | number | boolean;

/** All triggers that are filed under one place of the event, by the value they want there. */
interface Drawer {
  readonly place: Pick<Condition, 'root' | 'path'>;
  readonly triggers: Map<Scalar, number[]>;
}

/**
 * Each trigger is filed once, under that of its conditions which the fewest others share. An event then costs one look-up for each distinct
 * place (`X-Github-Event`, `body.repository.full_name` …) and the triggers filed under the values it has there; triggers without any condition
 * are always candidates.
 */
export function indexTriggers(triggers: readonly Pick<CompiledTrigger, 'conditions'>[]): TriggerIndex {
  const shared = countSharers(triggers);
  const drawers = new Map<string, Drawer>();
  const always: number[] = [];
  triggers.forEach(({ conditions }, position) => {
    const best = rarest(conditions, shared);
    if (best === undefined) always.push(position);
    else file(drawers, best, position);
  });
  const places = [...drawers.values()];

  return {
    candidates(event) {
      const found = [...always];
      for (const { place, triggers: byValue } of places) {
        const value = valueAt(place, event);
        const positions = value === undefined ? undefined : byValue.get(value);
        if (positions !== undefined) for (const position of positions) found.push(position);
      }
      return found.sort((a, b) => a - b);
    },
  };
}

/** The first condition an event breaks, if there is one. */
export function brokenCondition(
  conditions: readonly Condition[],
  event: OpenEvent,
): { readonly condition: Condition; readonly value: Scalar | undefined } | undefined {
  for (const condition of conditions) {
    const value = valueAt(condition, event);
    if (value === undefined || !condition.values.includes(value)) return { condition, value };
  }
  return undefined;
}

function countSharers(triggers: readonly Pick<CompiledTrigger, 'conditions'>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { conditions } of triggers) {
    for (const condition of conditions) {
      for (const value of condition.values) {
        const key = valueKey(condition, value);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/** By the most crowded of the values it allows. A condition without values can never hold: nothing is rarer. */
function rarest(conditions: readonly Condition[], shared: ReadonlyMap<string, number>): Condition | undefined {
  let best: Condition | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const condition of conditions) {
    const sharers = Math.max(0, ...condition.values.map((value) => shared.get(valueKey(condition, value)) ?? 0));
    if (sharers < fewest) {
      best = condition;
      fewest = sharers;
    }
  }
  return best;
}

function file(drawers: Map<string, Drawer>, condition: Condition, position: number): void {
  const key = placeKey(condition);
  const drawer = drawers.get(key) ?? { place: condition, triggers: new Map<Scalar, number[]>() };
  drawers.set(key, drawer);
  for (const value of new Set(condition.values)) {
    const positions = drawer.triggers.get(value);
    if (positions === undefined) drawer.triggers.set(value, [position]);
    else positions.push(position);
  }
}

function placeKey({ root, path }: Pick<Condition, 'root' | 'path'>): string {
  return JSON.stringify([root, ...path]);
}

function valueKey(condition: Condition, value: Scalar): string {
  return `${placeKey(condition)} ${typeof value} ${value}`;
}

function valueAt({ root, path }: Pick<Condition, 'root' | 'path'>, event: OpenEvent): Scalar | undefined {
  if (root === 'header') return firstHeader(event, path[0] ?? '');
  const body = event.json();
  let value: unknown = body.ok ? body.value : undefined;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
