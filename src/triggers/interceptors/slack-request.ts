import { isDeeperThan, maxDepth } from '../../resources/admission/depth.ts';
import { parseForm } from '../form-body.ts';
import { firstHeader, type OpenEvent } from '../open-event.ts';

export type JsonObject = Readonly<Record<string, unknown>>;
export type Form = ReadonlyMap<string, readonly string[]>;

/** One request of Slack's, by how its body is to be read. */
export type SlackRequest =
  /** A slash command, or an interaction (a button, a menu, a dialog): then `payload` is what its one field of that name holds. */
  | { readonly kind: 'form'; readonly form: Form; readonly command: string | undefined; readonly payload: JsonObject | undefined }
  /** Of the Events API. */
  | { readonly kind: 'json'; readonly body: JsonObject }
  | { readonly kind: 'neither' };

/** Slack's own spelling, without parameters; what upstream takes for a form is the same. */
export const formType = 'application/x-www-form-urlencoded';

/** Reads the raw body: upstream's conversion leaves a form of one field alone, and an interaction is one. */
export function readSlackRequest(event: OpenEvent): SlackRequest {
  if (firstHeader(event, 'Content-Type') === formType) {
    const form = parseForm(new TextDecoder('utf-8', { ignoreBOM: true }).decode(event.body));
    return form === undefined ? { kind: 'neither' } : { kind: 'form', form, command: commandOf(form), payload: payloadOf(form) };
  }
  const body = event.json();
  return body.ok && isJsonObject(body.value) ? { kind: 'json', body: body.value } : { kind: 'neither' };
}

export function commandOf(form: Form): string | undefined {
  const command = form.get('command')?.[0];
  return command?.startsWith('/') ? command : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function payloadOf(form: Form): JsonObject | undefined {
  const text = form.get('payload')?.[0];
  if (text === undefined || form.size > 1) return undefined;
  try {
    const payload: unknown = JSON.parse(text);
    return isJsonObject(payload) && !isDeeperThan(payload, maxDepth) ? payload : undefined;
  } catch {
    return undefined;
  }
}
