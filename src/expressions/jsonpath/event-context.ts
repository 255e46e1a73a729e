/** What bindings see of an event. */
export interface EventContext {
  /** Decoded JSON; `null` for an empty body. */
  readonly body: unknown;
  /** Canonical names, values joined: see `joinHeaders`. */
  readonly header: Readonly<Record<string, string>>;
  /** What interceptors added; absent when none did. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly eventId: string;
}

/** Evaluated by paths: the event in the shape upstream gives it. Made once an event, used by every binding. */
export type EventRoot = ReadonlyMap<string, unknown>;

/** Upstream's nil map: it has no keys and prints as `null`. */
export const noExtensions: ReadonlyMap<string, unknown> = new Map();

/** Each header's values with `,` between them, without a blank: how bindings see them. */
export function joinHeaders(headers: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(',')]));
}

/**
 * The roots `body`, `header`, `extensions`, `context`. Upstream finds fields by reflection, so Go's own spelling (`$(Body.a)`,
 * `$(context.EventID)`) works there and here.
 */
export function eventRoot(event: EventContext): EventRoot {
  return new GoStruct([
    ['body', event.body ?? null],
    ['header', event.header],
    ['extensions', event.extensions ?? noExtensions],
    ['context', new GoStruct([['eventID', event.eventId]])],
  ]);
}

const goSpelling: ReadonlyMap<string, string> = new Map([
  ['Body', 'body'],
  ['Header', 'header'],
  ['Extensions', 'extensions'],
  ['Context', 'context'],
  ['EventID', 'eventID'],
]);

/** A map whose keys are also found by the name of the Go field. */
class GoStruct extends Map<string, unknown> {
  override has(name: string): boolean {
    return super.has(goSpelling.get(name) ?? name);
  }

  override get(name: string): unknown {
    return super.get(goSpelling.get(name) ?? name);
  }
}
