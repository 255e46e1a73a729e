import { expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { HttpRequest, HttpResult } from '../triggers/http-exchange.ts';
import { type CloudEvent, CloudEventSender } from './cloud-event-sender.ts';

const event = (id: string, data = '{}'): CloudEvent => ({ id, type: 't', source: 's', subject: id, time: 0, data });
const answered = (status: number): HttpResult => ({
  ok: true,
  response: { status, statusText: '', headers: {}, body: new Uint8Array(), url: '' },
});
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** A sender whose receiver answers when the test says so. */
function held() {
  const asked: { readonly id: string; readonly answer: (status: number) => Promise<void> }[] = [];
  const http = {
    send: (request: HttpRequest) =>
      new Promise<HttpResult>((resolve) => {
        asked.push({
          id: String(request.headers?.['Ce-Id']),
          answer: (status) => {
            resolve(answered(status));
            return turns();
          },
        });
      }),
    close: async () => {},
  };
  return { asked, sender: new CloudEventSender({ http, clock: new ManualClock(), logger: silentLogger }) };
}

it('sends the letters of one lane one after the other, and those of others meanwhile', async () => {
  const { asked, sender } = held();
  for (const id of ['a1', 'a2', 'b1']) sender.send({ uri: 'http://x', lane: id.slice(0, 1), events: [event(id)] });
  expect(asked.map(({ id }) => id)).toEqual(['a1', 'b1']);
  await asked[0]?.answer(202);
  expect(asked.map(({ id }) => id)).toEqual(['a1', 'b1', 'a2']);
});

it('tells of each event that was tried what became of it, and lets go those after one that failed', async () => {
  const { asked, sender } = held();
  const told: string[] = [];
  sender.send({
    uri: 'http://x',
    lane: 'a',
    events: [event('1'), event('2'), event('3')],
    settled: ({ id }, error) => void told.push(`${id} ${error}`),
  });
  await asked[0]?.answer(200);
  const closed = sender.close();
  await asked[1]?.answer(200);
  await closed;
  expect(told).toEqual(['1 undefined', '2 undefined']);
});

it('lets at most 16 MiB wait', async () => {
  const { asked, sender } = held();
  const large = '"'.padEnd(1024 * 1024 - 1, 'x').concat('"');
  for (let n = 0; n < 40; n++) sender.send({ uri: 'http://x', lane: String(n), events: [event(String(n), large)] });
  // What is answered makes room for what waits; the rest is gone.
  for (let n = 0; n < asked.length; n++) await asked[n]?.answer(202);
  expect(asked.length).toBe(32);
  sender.send({ uri: 'http://x', lane: 'later', events: [event('later', large)] });
  expect(asked.length).toBe(33);
});
