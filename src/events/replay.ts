import { canonicalHeader } from '../expressions/jsonpath/canonical-header.ts';
import type { Delivery, JournalEntry } from '../ports/journal.ts';
import { type FieldError, under } from '../resources/field-error.ts';
import { groupKindOf, type KubeObject } from '../resources/object.ts';
import { typeOfGroupKind } from '../resources/registry.ts';
import type { AdmitManifest } from './admit-manifests.ts';
import { compareVerdicts } from './compare-verdicts.ts';
import type { EventActionsOptions } from './create-event-actions.ts';
import { type Judged, type Refused, type ReplayRequest, refused } from './event-actions.ts';
import { sealHeaders } from './sealed-headers.ts';

/**
 * What is judged when an event is repeated: as it came, with the operator's changes. It has no delivery id, so that it is never taken for the
 * delivery it repeats. `secretHeaders`: those the listener compares with a secret.
 */
export function repeatedDelivery(
  entry: JournalEntry,
  { payload, headers = {} }: ReplayRequest,
  secretHeaders: readonly string[],
): Delivery {
  const { eventId, namespace, listener, receivedAt, method, url } = entry;
  const body = payload === undefined ? entry.body : Buffer.from(JSON.stringify(payload));
  const kept = new Map(Object.entries(entry.headers));
  if (payload !== undefined) {
    // The body is JSON now, whatever it was.
    if (!/json/i.test(kept.get('Content-Type')?.[0] ?? '')) kept.set('Content-Type', ['application/json']);
    if (kept.has('Content-Length')) kept.set('Content-Length', [String(body.length)]);
  }
  const given = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) kept.delete(canonicalHeader(name));
    else given.set(canonicalHeader(name), typeof value === 'string' ? [value] : value);
  }
  const sealed = { ...Object.fromEntries(kept), ...sealHeaders(Object.fromEntries(given), secretHeaders) };
  return { eventId, namespace, listener, receivedAt, method, url, headers: sealed, body, replayOf: eventId };
}

/** Judges a delivery as it would be judged with these objects in place. Under the event's own id, so that what it gives can be compared. */
export async function dryRun(
  options: EventActionsOptions,
  entry: JournalEntry,
  delivery: Delivery,
  configuration: readonly unknown[],
): Promise<Judged | Refused> {
  const admitted = admitAll(configuration, entry.namespace, options.admit);
  if (!admitted.ok) return refused('Invalid', 'the configuration is not valid', admitted.errors);
  const { verdicts } = await options.judgeWith(admitted.objects)(delivery, undefined);
  return { outcome: 'judged', verdicts, changes: compareVerdicts(entry.verdicts, verdicts) };
}

function admitAll(
  configuration: readonly unknown[],
  namespace: string,
  admit: AdmitManifest,
): { readonly ok: true; readonly objects: readonly KubeObject[] } | { readonly ok: false; readonly errors: readonly FieldError[] } {
  const objects: KubeObject[] = [];
  const errors: FieldError[] = [];
  for (const [index, raw] of configuration.entries()) {
    const admission = admit(inNamespace(raw, namespace));
    if (admission.ok) objects.push(admission.object);
    else errors.push(...under(`configuration[${index}]`, admission.errors));
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, objects };
}

/** As `apply` does. What is no object is left to admission. */
function inNamespace(raw: unknown, namespace: string): unknown {
  if (!isFields(raw) || typeof raw['apiVersion'] !== 'string' || typeof raw['kind'] !== 'string') return raw;
  const type = typeOfGroupKind(groupKindOf({ apiVersion: raw['apiVersion'], kind: raw['kind'] }));
  const { metadata } = raw;
  if (type?.namespaced !== true || !isFields(metadata) || metadata['namespace'] !== undefined) return raw;
  return { ...raw, metadata: { ...metadata, namespace } };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
