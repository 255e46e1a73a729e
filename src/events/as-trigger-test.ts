import type { JournalEntry } from '../ports/journal.ts';
import { plainManifest } from '../resources/trigger-test/plain-manifest.ts';
import type { TriggerExpectation, TriggerTest } from '../resources/trigger-test/schema.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import type { SecretRef } from '../triggers/interceptors/params.ts';
import type { Outside } from '../triggers/outside.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { journaledEvent } from './journaled-event.ts';
import { type KnownSecret, Redaction } from './redaction.ts';
import { scheduleOfTick } from './schedules/tick.ts';

export interface AsTriggerTestOptions {
  /** The listener as it is now; absent when it is gone. */
  readonly listener: CompiledListener | undefined;
  readonly outside: Outside;
  /** Of the namespaces the event has to do with. */
  readonly secrets: readonly KnownSecret[];
}

/** Of one connection only, or made anew with the body. */
const NOT_KEPT = /^(?:host|connection|content-length|transfer-encoding|accept-encoding|expect|keep-alive|te|upgrade)$|signature/i;
/** Sent again by whoever signs. */
const TOKEN_HEADER = 'X-Gitlab-Token';
const EVENT_HEADERS = ['X-Github-Event', 'X-Gitlab-Event', 'X-Event-Key', 'X-Tappet-Event'] as const;

/**
 * An event as a test that its listener's triggers pass: what came, without its secrets, and what became of it as what is expected. A secret that
 * is known stands as a placeholder in the event, in what is expected and in the test's own secrets, so that what compares it still finds it equal.
 */
export async function asTriggerTest(entry: JournalEntry, { listener, outside, secrets }: AsTriggerTestOptions): Promise<TriggerTest> {
  const { eventId, namespace, receivedAt } = entry;
  const redaction = new Redaction(secrets);
  const body = bodyOf(entry);
  const proof = await proofOf(entry, listener, outside);
  if ('signWith' in proof) redaction.keep(namespace, proof.signWith.secretName);
  const headers = headersOf(entry, outside, redaction);
  const url = redaction.text(entry.url.replace(/([?&][^=&]*(?:token|secret|key|password)[^=&]*=)[^&]*/gi, '$1redacted'));
  const expect = redaction.value(expectationsOf(entry.verdicts)) as TriggerTest['spec']['expect'];
  const sent = {
    id: eventId,
    headers,
    ...(url === `/${namespace}/${entry.listener}` ? {} : { url }),
    body: redaction.value(body),
    ...proof,
  };
  const schedule = scheduleOfTick(entry);
  const occasion = schedule === undefined ? { listener: entry.listener } : { schedule };
  const event = schedule === undefined ? sent : { id: eventId, set: body as Record<string, unknown> };
  return {
    apiVersion: 'tappet.dev/v1alpha1',
    kind: 'TriggerTest',
    metadata: { name: nameOf(entry, body) },
    spec: {
      ...(namespace === 'default' ? {} : { namespace }),
      ...occasion,
      now: new Date(receivedAt).toISOString(),
      event,
      // Last, when it is known which of them are met.
      ...redaction.secretsFor(namespace),
      expect,
    },
  };
}

/** As JSON, or as the text it is. The bytes have been found to be text. */
function bodyOf({ body }: JournalEntry): unknown {
  const text = body.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}

/** `pull_request.opened`, or the like. */
function nameOf({ headers, eventId }: JournalEntry, body: unknown): string {
  const event = EVENT_HEADERS.flatMap((name) => (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []))[0] ?? `event ${eventId}`;
  const action = typeof body === 'object' && body !== null && Object.hasOwn(body, 'action') ? Reflect.get(body, 'action') : undefined;
  return typeof action === 'string' ? `${event}.${action}` : event;
}

/** With which secret it was signed; without, where the listener would have verified a signature. Of a replay nobody knows. */
async function proofOf(
  entry: JournalEntry,
  listener: CompiledListener | undefined,
  outside: Outside,
): Promise<{ readonly signWith: SecretRef } | { readonly unsigned: true } | Record<string, never>> {
  const { replayOf, ...received } = entry;
  const journaled = journaledEvent(received, outside);
  for (const signature of listener?.signatures ?? []) {
    if ((await signature.refuse(journaled.event, journaled.outside)) !== undefined) continue;
    const by = await signature.verifiedBy(journaled.event);
    const signWith = signature.secrets.find(({ secretName, secretKey }) => `${secretName}/${secretKey}` === by);
    if (signWith !== undefined) return { signWith };
  }
  return replayOf === undefined && (listener?.signatures.length ?? 0) > 0 ? { unsigned: true } : {};
}

function headersOf(entry: JournalEntry, outside: Outside, redaction: Redaction): Record<string, string | string[]> {
  const kept = new Map<string, string | string[]>();
  for (const [name, values] of Object.entries(entry.headers)) {
    if (NOT_KEPT.test(name) || name === TOKEN_HEADER) continue;
    const shown = values.flatMap((value) => redaction.header(value, entry, outside) ?? []);
    const [only, ...more] = shown;
    if (only !== undefined) kept.set(name, more.length === 0 ? only : shown);
  }
  return Object.fromEntries(kept);
}

function expectationsOf(verdicts: readonly TriggerVerdict[]): TriggerTest['spec']['expect'] {
  const triggers = new Map<string, TriggerExpectation>();
  let others: 'any' | undefined;
  for (const verdict of verdicts) {
    const { trigger, namespace } = verdict;
    if (verdict.verdict === 'filtered' && verdict.passedOver !== undefined) continue;
    const isShared = verdicts.filter((other) => other.trigger === trigger).length > 1;
    const name = trigger === '' ? '(unnamed)' : isShared ? `${namespace}/${trigger}` : trigger;
    if (!triggers.has(name)) triggers.set(name, expectationOf(verdict));
    // Two of one name cannot be told apart.
    else if (verdict.verdict !== 'filtered') others = 'any';
  }
  return { triggers: Object.fromEntries(triggers), ...(others === undefined ? {} : { others }) };
}

function expectationOf(verdict: TriggerVerdict): TriggerExpectation {
  switch (verdict.verdict) {
    case 'filtered': {
      const because = verdict.chain.flatMap((step) => step.because?.source ?? [])[0];
      return because === undefined ? { verdict: 'filtered' } : { verdict: 'filtered', because };
    }
    case 'failed':
      return { verdict: 'failed', reason: verdict.error.split('\n')[0] || verdict.error };
    case 'matched': {
      const params = Object.fromEntries(verdict.params.map(({ name, value }) => [name, value]));
      const manifests = verdict.manifests.map((manifest) => plainManifest(manifest, verdict.namespace));
      return { verdict: 'matched', ...(verdict.params.length === 0 ? {} : { params }), manifests: manifests as Record<string, unknown>[] };
    }
  }
}
