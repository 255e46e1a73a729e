import { type EventRoot, eventRoot, joinHeaders } from '../expressions/jsonpath/event-context.ts';
import type { ChainResult } from './chain.ts';
import { formToJson } from './form-body.ts';
import type { HttpResult } from './http-exchange.ts';
import type { Verification } from './interceptors/signature-check.ts';

/** What triggers are told of an event. */
export interface TriggerEvent {
  readonly eventId: string;
  /** Path and query as received. */
  readonly url: string;
  /** Canonical names (`X-Github-Event`), every value kept. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Raw bytes; signatures are over these. */
  readonly body: Uint8Array;
  /** Somebody answers for where it comes from, e.g. `replay`: signatures are not checked. */
  readonly vouched?: string | undefined;
  /** The decoded body, when the caller has it already. */
  readonly payload?: { readonly value: unknown } | undefined;
}

export type Decoded = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/**
 * An event while its triggers are judged: everything that several of them ask for is worked out once. Not for keeping.
 */
export interface OpenEvent extends TriggerEvent {
  /** The body as text; of an intercepted event the converted one. */
  text(): string;
  /** The bytes of `text`. */
  currentBody(): Uint8Array;
  /** The body as JSON; an empty one is `null`. */
  json(): Decoded;
  /** The event as interceptors get it: a form body turned into JSON where upstream does that. Signatures are over `body` all the same. */
  intercepted(): OpenEvent;
  /** What bindings see; `extensions` is what interceptors added. */
  root(extensions: Readonly<Record<string, unknown>> | undefined, body: unknown): EventRoot;
  /** Signatures already checked, by the check's id. */
  readonly signatures: Map<string, Promise<Verification>>;
  /** What the interceptors of trigger groups answered, by the group's key. */
  readonly groups: Map<string, Promise<ChainResult>>;
  /** What forges have answered about the event, by the question. */
  readonly answers: Map<string, Promise<HttpResult>>;
}

/** Keeps a byte order mark, which is no JSON. Holds no state between calls. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function openEvent(event: TriggerEvent): OpenEvent {
  return open(event, { signatures: new Map(), groups: new Map(), answers: new Map() });
}

type Shared = Pick<OpenEvent, 'signatures' | 'groups' | 'answers'>;

/** The maps are shared by an event and its intercepted form, so that what was worked out for one holds for the other. */
function open(event: TriggerEvent, { signatures, groups, answers }: Shared, form?: string): OpenEvent {
  const decode = (): string => form ?? utf8.decode(event.body);
  const text = lazily(decode);
  // Not of `text`, which would hold on to as many characters as the body has, though hardly anybody asks for them.
  const json = lazily((): Decoded => (event.payload === undefined ? parseJson(decode()) : { ok: true, value: event.payload.value }));
  const header = lazily(() => joinHeaders(event.headers));

  const opened: OpenEvent = {
    ...event,
    text,
    currentBody: () => (form === undefined ? event.body : new TextEncoder().encode(form)),
    json,
    intercepted: () => intercepted(),
    root: (extensions, body) => eventRoot({ body, header: header(), extensions, eventId: event.eventId }),
    signatures,
    groups,
    answers,
  };
  const intercepted = lazily(() => {
    const form = firstHeader(event, 'Content-Type') === 'application/x-www-form-urlencoded' ? formToJson(text()) : undefined;
    return form === undefined ? opened : open({ ...event, payload: undefined }, opened, form);
  });
  return opened;
}

/** The event as an interceptor has changed it. Signatures are looked at anew; what groups answered stays with the event as it came. */
export function changeEvent(event: OpenEvent, { headers, body }: Pick<TriggerEvent, 'headers' | 'body'>): OpenEvent {
  const { eventId, url, vouched, groups, answers } = event;
  return open({ eventId, url, headers, body, vouched }, { signatures: new Map(), groups, answers });
}

/** The event with its body read as this JSON: what a form conversion gives. Headers, raw body and the signatures over it stay. */
export function readAs(event: OpenEvent, json: string): OpenEvent {
  const { eventId, url, headers, body } = event;
  return open({ eventId, url, headers, body }, event, json);
}

/** The first value of a header by its canonical name; `''` when there is none, as Go's `Header.Get`. */
export function firstHeader(event: Pick<TriggerEvent, 'headers'>, canonicalName: string): string {
  return Object.hasOwn(event.headers, canonicalName) ? (event.headers[canonicalName]?.[0] ?? '') : '';
}

function parseJson(text: string): Decoded {
  if (text === '') return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
