/** What may stand at one place of a payload, over all that is known of it: several of these may be set. */
export interface Shape {
  /** `s` text, `n` number, `b` boolean. `null` says nothing. */
  readonly scalars: ReadonlySet<'s' | 'n' | 'b'>;
  readonly fields?: ReadonlyMap<string, Shape> | undefined;
  /** Of keys that are free. */
  readonly values?: Shape | undefined;
  readonly elements?: Shape | undefined;
  /** Nothing is known: whatever is asked for may be there. */
  readonly any?: boolean | undefined;
}

export const nothing: Shape = { scalars: new Set() };
export const anything: Shape = { scalars: new Set(), any: true };

export function scalar(type: 's' | 'n' | 'b'): Shape {
  return { scalars: new Set([type]) };
}

/** What either of two sources says may be there. */
export function merge(a: Shape, b: Shape): Shape {
  if (a === b) return a;
  return {
    scalars: new Set([...a.scalars, ...b.scalars]),
    fields: a.fields && b.fields ? mergeFields(a.fields, b.fields) : (a.fields ?? b.fields),
    values: mergeMaybe(a.values, b.values),
    elements: mergeMaybe(a.elements, b.elements),
    any: a.any || b.any,
  };
}

function mergeMaybe(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  return a && b ? merge(a, b) : (a ?? b);
}

function mergeFields(a: ReadonlyMap<string, Shape>, b: ReadonlyMap<string, Shape>): ReadonlyMap<string, Shape> {
  const merged = new Map(a);
  for (const [name, shape] of b) merged.set(name, merge(merged.get(name) ?? nothing, shape));
  return merged;
}

export function mergeAll(shapes: readonly Shape[]): Shape {
  return shapes.reduce(merge, nothing);
}

/** One event as one source describes it, its actions taken together. */
export interface EventDescription {
  readonly shape: Shape;
  /** Values of `action`; `free`: any text may be there. */
  readonly actions: ReadonlySet<string> | 'free';
}

export const noEvent: EventDescription = { shape: nothing, actions: new Set() };

export function mergeEvents(a: EventDescription, b: EventDescription): EventDescription {
  const free = a.actions === 'free' || b.actions === 'free';
  return { shape: merge(a.shape, b.shape), actions: free ? 'free' : new Set([...a.actions, ...b.actions]) };
}
