import { type EventDescription, mergeAll, mergeEvents, noEvent, nothing, type Shape, scalar } from './shape.ts';

/** `@octokit/webhooks-examples`: payloads that were really sent. */
export type Samples = readonly { readonly name: string; readonly examples: readonly unknown[] }[];

/** What was seen may be there, also where a description forgets it, as on older GitHub Enterprise servers. */
export function readSamples(samples: Samples): ReadonlyMap<string, EventDescription> {
  const events = new Map<string, EventDescription>();
  for (const { name, examples } of samples) {
    for (const payload of examples) {
      events.set(name, mergeEvents(events.get(name) ?? noEvent, { shape: shapeOf(payload), actions: actionsOf(payload) }));
    }
  }
  return events;
}

function shapeOf(value: unknown): Shape {
  switch (typeof value) {
    case 'string':
      return scalar('s');
    case 'number':
      return scalar('n');
    case 'boolean':
      return scalar('b');
  }
  if (Array.isArray(value)) return { ...nothing, elements: mergeAll(value.map(shapeOf)) };
  if (typeof value !== 'object' || value === null) return nothing;
  return { ...nothing, fields: new Map(Object.entries(value).map(([name, field]) => [name, shapeOf(field)])) };
}

function actionsOf(payload: unknown): ReadonlySet<string> {
  const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : undefined;
  return new Set(typeof action === 'string' ? [action] : []);
}
