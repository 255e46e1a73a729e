import { goQuote } from '../../../expressions/variables/go-quote.ts';
import { isDeeperThan, maxDepth } from '../../../resources/admission/depth.ts';
import type { Extensions, StatusCode } from '../interceptor.ts';

/** The protocol between a listener and an interceptor's server, as JSON over HTTP. reference/triggers.md 2.2. */
export interface InterceptorRequest {
  /** The event's body as text. */
  readonly body: string;
  readonly header: Readonly<Record<string, readonly string[]>>;
  readonly extensions: Extensions;
  readonly params: Readonly<Record<string, unknown>>;
  readonly context: InterceptorRequestContext;
}

export interface InterceptorRequestContext {
  /** Path and query as the listener saw them. */
  readonly eventUrl: string;
  readonly eventId: string;
  /** `namespaces/<namespace>/triggers/<name>`, `namespaces/<namespace>/triggerGroups/<name>`. */
  readonly triggerId: string;
}

export interface InterceptorResponse {
  readonly continue: boolean;
  readonly extensions: Extensions;
  readonly code: StatusCode;
  readonly message: string;
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** Members that are empty are left out, but `context`. */
export function encodeRequest({ body, header, extensions, params, context }: InterceptorRequest): string {
  return JSON.stringify({
    ...(body === '' ? {} : { body }),
    ...(isEmpty(header) ? {} : { header }),
    ...(isEmpty(extensions) ? {} : { extensions }),
    ...(isEmpty(params) ? {} : { interceptor_params: params }),
    context: { event_url: context.eventUrl, event_id: context.eventId, trigger_id: context.triggerId },
  });
}

/** Unknown members are ignored; those of a wrong type are an error. */
export function decodeRequest(text: string): Decoded<InterceptorRequest> {
  const object = decodeObject(text);
  if (!object.ok) return object;
  const { header = null, extensions = null, interceptor_params: params = null, context = null } = object.value;
  if (header !== null && !(isRecord(header) && Object.values(header).every(isTexts))) {
    return wrongType('header', 'an object of lists of strings', header);
  }
  if (extensions !== null && !isRecord(extensions)) return wrongType('extensions', 'an object', extensions);
  if (params !== null && !isRecord(params)) return wrongType('interceptor_params', 'an object', params);
  if (context !== null && !isRecord(context)) return wrongType('context', 'an object', context);
  const body = textMember(object.value, 'body');
  if (!body.ok) return body;
  const eventUrl = textMember(context ?? {}, 'event_url');
  if (!eventUrl.ok) return eventUrl;
  const eventId = textMember(context ?? {}, 'event_id');
  if (!eventId.ok) return eventId;
  const triggerId = textMember(context ?? {}, 'trigger_id');
  if (!triggerId.ok) return triggerId;
  return {
    ok: true,
    value: {
      body: body.value,
      header: (header ?? {}) as InterceptorRequest['header'],
      extensions: extensions ?? {},
      params: params ?? {},
      context: { eventUrl: eventUrl.value, eventId: eventId.value, triggerId: triggerId.value },
    },
  };
}

/** `status` is always there, `extensions` only when something was added. */
export function encodeResponse(response: InterceptorResponse): string {
  const status = response.continue
    ? {}
    : { code: codeNumber(response.code), ...(response.message === '' ? {} : { message: response.message }) };
  return JSON.stringify({
    ...(isEmpty(response.extensions) ? {} : { extensions: response.extensions }),
    continue: response.continue,
    status,
  });
}

/** A missing `continue` is false, as Go decodes it; a code may be a number or its name. */
export function decodeResponse(text: string): Decoded<InterceptorResponse> {
  const object = decodeObject(text);
  if (!object.ok) return object;
  const { continue: goesOn = false, extensions = null, status = null } = object.value;
  if (typeof goesOn !== 'boolean') return wrongType('continue', 'a boolean', goesOn);
  if (extensions !== null && !isRecord(extensions)) return wrongType('extensions', 'an object', extensions);
  if (status !== null && !isRecord(status)) return wrongType('status', 'an object', status);
  const message = textMember(status ?? {}, 'message');
  if (!message.ok) return message;
  return { ok: true, value: { continue: goesOn, extensions: extensions ?? {}, code: codeOf(status?.['code']), message: message.value } };
}

/** gRPC's codes by number. */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const satisfies readonly StatusCode[];

function codeOf(given: unknown): StatusCode {
  if (typeof given === 'number') return codes[given] ?? 'Unknown';
  if (typeof given !== 'string') return 'OK';
  const plain = given.replaceAll('_', '').toLowerCase();
  return codes.find((code) => code.toLowerCase() === plain) ?? 'Unknown';
}

export function codeNumber(code: StatusCode): number {
  return codes.indexOf(code);
}

function decodeObject(text: string): Decoded<Readonly<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: text === '' ? 'unexpected end of JSON input' : `not JSON: ${goQuote(text.slice(0, 100))}` };
  }
  if (!isRecord(value)) return { ok: false, error: `json: cannot unmarshal ${typeName(value)} into a Go value of type object` };
  if (isDeeperThan(value, maxDepth)) return { ok: false, error: `nested deeper than ${maxDepth} levels` };
  return { ok: true, value };
}

function textMember(members: Readonly<Record<string, unknown>>, name: string): Decoded<string> {
  const value = Object.hasOwn(members, name) ? (members[name] ?? '') : '';
  return typeof value === 'string' ? { ok: true, value } : wrongType(name, 'a string', value);
}

function wrongType(name: string, expected: string, got: unknown): { readonly ok: false; readonly error: string } {
  return { ok: false, error: `${name} is of type ${typeName(got)}, expected ${expected}` };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isEmpty(object: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(object).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}
