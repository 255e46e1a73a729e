import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { Delivery } from '../ports/journal.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { HttpRequest, HttpResult } from '../triggers/http-exchange.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { CloudEventSender } from './cloud-event-sender.ts';
import { CloudEvents } from './cloud-events.ts';

const base = { namespace: 'ns', chain: [], tookMs: 0 };
const created = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: 'made' };
const verdicts: readonly TriggerVerdict[] = [
  { ...base, trigger: 'a', verdict: 'matched', params: [], manifests: [], created: [created] },
  { ...base, trigger: 'b', verdict: 'filtered', reason: 'no' },
  { ...base, trigger: 'c', verdict: 'failed', stage: 'bind', error: 'a is not found' },
];
const delivery: Delivery = {
  eventId: 'e1',
  namespace: 'ns',
  listener: 'el',
  receivedAt: 0,
  method: 'POST',
  url: '/ns/el',
  headers: { 'X-Github-Event': ['push'], 'X-Hub-Signature-256': ['sha256=00'], 'X-Gitlab-Token': ['secret'] },
  body: Buffer.from('{}'),
};
const listener = (cloudEventURI?: string) =>
  ({ metadata: { name: 'el', namespace: 'ns', uid: 'u' }, spec: { cloudEventURI } }) as unknown as Stored<EventListener>;
const answered = (status: number): HttpResult => ({
  ok: true,
  response: { status, statusText: '', headers: {}, body: new Uint8Array(), url: '' },
});

let clock: ManualClock;
let sent: HttpRequest[];
let answers: HttpResult[];
let outbox: CloudEventSender;
let sender: CloudEvents;

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  answers = [];
  outbox = new CloudEventSender({
    http: {
      async send(request) {
        sent.push(request);
        return answers.shift() ?? answered(202);
      },
      close: async () => {},
    },
    clock,
    logger: silentLogger,
  });
  sender = new CloudEvents(outbox);
});

const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};
const types = () => sent.map(({ headers }) => String(headers?.['Ce-Type']).split('.')[4]);

describe('cloud events', () => {
  it('tell of the beginning, of each trigger that fired or failed, and of the end', async () => {
    sender.processed(listener('http://broker/x'), delivery, verdicts);
    await turns();
    expect(types()).toEqual(['started', 'successful', 'failed', 'done']);
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: 'http://broker/x',
      headers: {
        'Ce-Id': 'e1',
        'Ce-Specversion': '1.0',
        'Ce-Type': 'dev.tekton.event.triggers.started.v1',
        'Ce-Source': '/apis//v1beta1/namespaces/ns/EventListener/el',
        'Ce-Subject': 'el processing e1',
      },
    });
    expect(sent.map(({ body }) => JSON.parse(String(body)))).toEqual([
      { 'X-Github-Event': ['push'], 'X-Hub-Signature-256': ['[redacted]'], 'X-Gitlab-Token': ['[redacted]'] },
      { trigger: 'a', namespace: 'ns', created: [created] },
      { trigger: 'c', namespace: 'ns', stage: 'bind', error: 'a is not found', created: [] },
      { matched: 1, failed: 1 },
    ]);
  });

  it('nobody asked for are not sent', async () => {
    sender.processed(listener(), delivery, verdicts);
    await turns();
    expect(sent).toEqual([]);
  });

  it('are tried again, with longer pauses, in order', async () => {
    answers = [answered(500), { ok: false, code: 'Unreachable', message: 'nobody' }];
    sender.processed(listener('http://broker'), delivery, []);
    await turns();
    expect(types()).toEqual(['started']);
    clock.advance(10);
    await turns();
    expect(types()).toEqual(['started', 'started']);
    clock.advance(19);
    await turns();
    expect(types()).toEqual(['started', 'started']);
    clock.advance(1);
    await turns();
    expect(types()).toEqual(['started', 'started', 'started', 'done']);
  });

  it('are given up after eleven tries, and the rest of the event with them', async () => {
    answers = Array.from({ length: 20 }, () => answered(503));
    sender.processed(listener('http://broker'), delivery, []);
    for (let n = 0; n < 20; n++) {
      await turns();
      clock.advance(10_000);
    }
    expect(types()).toEqual(Array.from({ length: 11 }, () => 'started'));
  });

  it('to an address that is refused are not tried again', async () => {
    answers = [{ ok: false, code: 'Refused', message: 'no' }];
    sender.processed(listener('http://broker'), delivery, []);
    await turns();
    clock.advance(60_000);
    await turns();
    expect(types()).toEqual(['started']);
  });

  it('a receiver that is slow holds up nothing: what is too much is let go, and closing does not wait for pauses', async () => {
    answers = Array.from({ length: 5_000 }, () => answered(503));
    for (let n = 0; n < 2_000; n++) sender.processed(listener('http://broker'), { ...delivery, eventId: `e${n}` }, []);
    await turns();
    expect(sent.length).toBe(16);
    await outbox.close();
    expect(sent.length).toBe(16);
  });
});
