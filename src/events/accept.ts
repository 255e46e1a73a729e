import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import type { Ids } from '../ports/ids.ts';
import type { Delivery, Journal } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import { StoreError } from '../ports/store.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import { authenticate } from '../triggers/authenticate.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import { dialoguesWith, type Receipt, readMessage } from '../triggers/dialogue.ts';
import { ALLOW_UNSIGNED } from '../triggers/listener-policy.ts';
import { firstHeader, type OpenEvent, openEvent } from '../triggers/open-event.ts';
import type { Outside } from '../triggers/outside.ts';
import type { Acceptance, Arrival, Intake } from './arrival.ts';
import type { Configuration } from './configuration.ts';
import { deliveryIdOf } from './delivery-id.ts';
import { judgePayload } from './payload.ts';
import type { EventProcessor } from './process.ts';
import { redactHeaders } from './redact-headers.ts';
import { rejectionLimit } from './rejection-limit.ts';
import { defaultJsonLimits, type JsonLimits } from './scan-json.ts';
import { sealHeaders } from './sealed-headers.ts';

export interface AcceptOptions {
  readonly configuration: Configuration<CompiledListener>;
  readonly journal: Journal;
  readonly processor: Pick<EventProcessor, 'full' | 'offer'>;
  readonly outside: Outside;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly meter: EventMeter;
  /** Whether only this machine can reach the ingress. */
  readonly loopback: boolean;
  readonly jsonLimits?: JsonLimits | undefined;
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const EMPTY_BODY = 'Invalid event body format : unexpected end of JSON input';
/** Upstream's: `"false"` takes bodies that are no JSON object. */
const PAYLOAD_VALIDATION = 'tekton.dev/payload-validation';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * From a request to a journaled event: authentic by the raw bytes, well-formed, not seen before, on disk. Only then is it answered, and only then handed
 * on to be processed. In this order: what is not authentic is neither parsed nor kept, and never holds a delivery id.
 */
export function createIntake(options: AcceptOptions): Intake {
  const { configuration, journal, processor, outside, ids, logger, meter, loopback, jsonLimits = defaultJsonLimits } = options;
  const mayRecord = rejectionLimit(options.clock);
  const warned = new Set<string>();

  async function accept(listener: Stored<EventListener>, arrival: Arrival): Promise<Acceptance> {
    if (processor.full) return busy('too many events are waiting');
    const compiled = configuration.compiled(listener);
    const unsigned = refuseUnsigned(listener, compiled);
    if (unsigned !== undefined) return unsigned;

    const eventId = ids.uuid();
    const { url, headers, body } = arrival;
    const opened = openEvent({ eventId, url, headers, body });
    const authenticity = await authenticate(compiled, opened, outside);
    if (!authenticity.authentic) return await reject(listener, compiled, arrival, eventId, authenticity.message);

    const dialogues = await dialoguesWith(compiled, opened, outside);
    // Who has signed the event and is known to send forms need not be allowed to by an annotation.
    const verified = dialogues.some(({ signature }) => signature !== undefined);
    const payload = readPayload(listener, opened, arrival, verified && firstHeader(opened, 'Content-Type') === FORM_TYPE);
    if (!payload.ok) return { outcome: 'malformed', message: payload.message };
    const message = readMessage(dialogues, opened);
    if (message?.answer !== undefined) return { outcome: 'answered', ...message.answer };

    const deliveryId = deliveryIdOf(arrival, payload.value, message?.deliveryId);
    const accepted = await store(listener, arrival, opened, { deliveryId, secretHeaders: compiled.secretHeaders });
    if (message?.acknowledge === undefined) return accepted;
    return { outcome: 'answered', ...message.acknowledge(receiptOf(listener, accepted.eventId)), eventId: accepted.eventId };
  }

  async function store(
    listener: Stored<EventListener>,
    arrival: Arrival,
    opened: OpenEvent,
    { deliveryId, secretHeaders }: { readonly deliveryId: string | undefined; readonly secretHeaders: readonly string[] },
  ): Promise<Acceptance & { outcome: 'accepted' }> {
    const { name, namespace = '' } = listener.metadata;
    const { eventId } = opened;
    const { method, url, body, receivedAt } = arrival;
    const delivery: Delivery = {
      eventId,
      deliveryId,
      namespace,
      listener: name,
      receivedAt,
      method,
      url,
      headers: sealHeaders(arrival.headers, secretHeaders),
      body,
    };
    const appended = await journal.append(delivery);
    if (appended.duplicate) meter.repeated();
    else processor.offer({ delivery, opened });
    return { outcome: 'accepted', eventId: appended.eventId, duplicate: appended.duplicate };
  }

  /** Keeps that it came and why it was refused; not its body, and no more of it than an attacker may fill a disk with. */
  async function reject(
    listener: Stored<EventListener>,
    { secretHeaders }: CompiledListener,
    arrival: Arrival,
    eventId: string,
    reason: string,
  ): Promise<Acceptance> {
    const { name, namespace = '' } = listener.metadata;
    meter.rejected();
    if (mayRecord(listener.metadata.uid)) {
      const { method, url, receivedAt } = arrival;
      const headers = redactHeaders(sealHeaders(arrival.headers, secretHeaders));
      await journal.reject({ eventId, namespace, listener: name, receivedAt, method, url, headers, reason, verdicts: [] });
    }
    return { outcome: 'unauthentic', message: `signature not verified: ${publicReason(reason)}` };
  }

  function refuseUnsigned(listener: Stored<EventListener>, { guarded }: CompiledListener): Acceptance | undefined {
    if (guarded) return undefined;
    const { name, namespace = '', annotations, uid } = listener.metadata;
    if (annotations?.[ALLOW_UNSIGNED] === 'true') return undefined;
    const where = { namespace, listener: name };
    if (!loopback) {
      warnOnce(uid, 'listener without signature refused: this server can be reached from outside', where);
      const remedy = `give its triggers an interceptor with a secretRef, or annotate it with ${ALLOW_UNSIGNED}: "true"`;
      return {
        outcome: 'unsigned',
        message: `EventListener ${namespace}/${name} verifies no signature, so it takes no events from other machines; ${remedy}`,
      };
    }
    warnOnce(uid, 'listener without signature: anybody on this machine can trigger it', where);
    return undefined;
  }

  function warnOnce(uid: string, message: string, where: Readonly<Record<string, string>>): void {
    if (warned.has(uid)) return;
    warned.add(uid);
    logger.warn(message, where);
  }

  function readPayload(
    listener: Stored<EventListener>,
    opened: OpenEvent,
    { method, body }: Arrival,
    formExpected: boolean,
  ): { ok: true; value: unknown } | { ok: false; message: string } {
    const payload = judgePayload(body, opened.json, jsonLimits);
    // A link that is followed, or looked at in advance, starts nothing, whatever the listener takes.
    if (body.length === 0 && READING.has(method)) return { ok: false, message: EMPTY_BODY };
    // Not to be validated means that it need not be a JSON object; the limits hold all the same.
    const unvalidated = formExpected || listener.metadata.annotations?.[PAYLOAD_VALIDATION] === 'false';
    const lenient = !payload.ok && payload.problem === 'no-object' && unvalidated;
    return lenient ? { ok: true, value: undefined } : payload;
  }

  return {
    find: (key) => configuration.listener(key),
    sole: () => configuration.soleListener(),
    async accept(listener, arrival) {
      try {
        return await accept(listener as Stored<EventListener>, arrival);
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'Unavailable') throw error;
        logger.warn('event not stored', { code: error.code, error: error.message });
        return busy('the store is away');
      }
    },
  };
}

function receiptOf({ metadata }: Stored<EventListener>, eventID: string): Receipt {
  const { name, namespace = '', uid } = metadata;
  return { eventListener: name, namespace, eventListenerUID: uid, eventID };
}

function busy(reason: string): Acceptance {
  return { outcome: 'busy', message: `${reason}; send it again`, retryAfterSeconds: 5 };
}

/** Which secret is missing is for the journal, not for whoever asks. */
function publicReason(reason: string): string {
  return reason.startsWith('error getting secret') ? 'the listener is not set up to verify it' : reason;
}
