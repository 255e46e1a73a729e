import { nearest } from '../nearest.ts';
import type { EventScope } from './event-scope.ts';
import type { GithubPayloads, Shape } from './read-payloads.ts';

/** A step into a payload: the key of an object, or some element of a list. */
export type PlaceKey = string | { readonly element: true };

export const element: PlaceKey = { element: true };

/** Somewhere in the payload of whichever of some events came. */
export interface PayloadPlace {
  readonly events: PossibleEvents;
  /** From `body`. */
  readonly keys: readonly PlaceKey[];
  /** What is there, by event. Events that have nothing there are left out. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/** The events that may come. */
export interface PossibleEvents {
  readonly payloads: GithubPayloads;
  readonly names: readonly string[];
}

/** The whole body. `undefined`: nothing can be said, as the events need not be GitHub's, or one of them is not described. */
export function bodyOf({ payloads, names }: EventScope): PayloadPlace | undefined {
  if (names === undefined) return undefined;
  const events = { payloads, names };
  const shapes = new Map<string, Shape>();
  for (const name of names) {
    const shape = payloads.event(name)?.shape;
    if (shape === undefined || shape.kind === 'any') return undefined;
    shapes.set(name, shape);
  }
  return shapes.size === 0 ? undefined : { events, keys: [], shapes };
}

export type StepResult =
  | { readonly ok: true; readonly place: PayloadPlace }
  /** None of the events has it. */
  | { readonly ok: false; readonly message: string; readonly suggestion?: string | undefined };

export function stepInto(place: PayloadPlace, key: PlaceKey): StepResult {
  const shapes = new Map<string, Shape>();
  for (const [event, shape] of place.shapes) {
    const found = memberOf(shape, key);
    if (found !== undefined) shapes.set(event, found);
  }
  const keys = [...place.keys, key];
  return shapes.size > 0 ? { ok: true, place: { ...place, keys, shapes } } : missing(place, key);
}

function memberOf(shape: Shape, key: PlaceKey): Shape | undefined {
  switch (shape.kind) {
    case 'any':
      return shape;
    case 'list':
      return typeof key === 'string' ? undefined : shape.element;
    case 'object':
      return typeof key === 'string' ? shape.field(key) : undefined;
    case 'scalar':
      return undefined;
  }
}

/** `body.commits[0].id`; a key that is no plain name goes into brackets. */
export function placeText(keys: readonly PlaceKey[]): string {
  return keys.reduce<string>((text, key) => {
    if (typeof key !== 'string') return `${text}[0]`;
    return /^[A-Za-z_][\w-]*$/.test(key) ? `${text}.${key}` : `${text}['${key}']`;
  }, 'body');
}

/** `GitHub's pull_request event`, `GitHub's events push and create`. */
export function eventsText({ payloads, names }: PossibleEvents): string {
  if (names.length === payloads.names.length) return "GitHub's events";
  if (names.length === 1) return `GitHub's ${names[0]} event`;
  const shown = names.length <= 4 ? names : [...names.slice(0, 3), `${names.length - 3} more`];
  return `GitHub's events ${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function missing(place: PayloadPlace, key: PlaceKey): StepResult {
  const { events } = place;
  const shapes = [...place.shapes.values()];
  const text = placeText(place.keys);
  const whose = eventsText(events);
  if (typeof key !== 'string') return { ok: false, message: `${text} is no list in ${whose}` };
  if (shapes.every((shape) => shape.kind === 'list')) {
    const inElement = shapes.some((shape) => shape.element.kind === 'object' && shape.element.field(key) !== undefined);
    const suggestion = inElement ? placeText([...place.keys, element, key]) : undefined;
    return { ok: false, message: `${text} is a list in ${whose}: its elements are reached by index`, suggestion };
  }
  if (shapes.every((shape) => shape.kind === 'scalar')) {
    return { ok: false, message: `${text} is no object in ${whose}: there is nothing below it` };
  }
  const message = `${events.names.length === 1 ? `${whose} has no` : `none of ${whose} has`} ${placeText([...place.keys, key])}`;
  const siblings = shapes.flatMap((shape) => (shape.kind === 'object' ? shape.names : []));
  const suggestion = nearest(key, new Set(siblings));
  if (suggestion !== undefined) return { ok: false, message, suggestion };
  const others = eventsWith([...place.keys, key], events);
  return { ok: false, message: others === '' ? message : `${message}; ${others}` };
}

/** `it is in those of push and create`, of events that may not come here. */
function eventsWith(keys: readonly PlaceKey[], { payloads, names }: PossibleEvents): string {
  const found = payloads.names.filter((name) => {
    let shape = names.includes(name) ? undefined : payloads.event(name)?.shape;
    for (const key of keys) shape = shape && shape.kind !== 'any' ? memberOf(shape, key) : undefined;
    return shape !== undefined;
  });
  if (found.length === 0) return '';
  const shown = found.length <= 3 ? found : [...found.slice(0, 3), 'others'];
  return `${shown.length === 1 ? `${shown[0]} has` : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)} have`} it`;
}
