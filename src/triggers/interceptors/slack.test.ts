import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Asked, askInterceptor, readyInterceptor } from '../../../test/support/ask-interceptor.ts';
import { fakeOutside } from '../../../test/support/fake-outside.ts';
import { slack } from './slack.ts';

/** Slack's own example of a signed command. */
const example = {
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  time: '1531420618',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};
const at = Number(example.time) * 1_000;
const secrets = { 'ns/slack/secret': example.secret, 'ns/slack/next': 'the next one', 'ns/slack/newline': `${example.secret}\n` };
const secretRef = { secretName: 'slack', secretKey: 'secret' };
const formType = 'application/x-www-form-urlencoded';

function ask(asked: Omit<Asked, 'outside'>, now = at) {
  return askInterceptor(slack, { ...asked, outside: fakeOutside(secrets, { now }) });
}

function signed(body: string, contentType: string, { secret = example.secret, time = example.time } = {}): Asked['headers'] {
  const hex = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
  return { 'Content-Type': contentType, 'X-Slack-Signature': `v0=${hex}`, 'X-Slack-Request-Timestamp': time };
}

const exampleHeaders = {
  'Content-Type': formType,
  'X-Slack-Signature': example.signature,
  'X-Slack-Request-Timestamp': example.time,
};
const stop = (code: string, message: string) => ({ outcome: 'stop', code, message });
const wrong = (code: string, message: string) => ({ outcome: 'error', code, message });
const go = (extensions: Record<string, unknown> = {}) => ({ outcome: 'continue', extensions });
const failed = stop('FailedPrecondition', 'payload signature check failed');

describe("without a secret: upstream's checks and words", () => {
  const headers = { 'Content-Type': formType, 'X-Slack-Signature': 'anything' };
  const noForm = stop('InvalidArgument', 'missing header in payload: ContentType application/x-www-form-urlencoded');
  const requested = { requestedFields: ['text', 'command'] };

  it.each<[string, Record<string, unknown>, Record<string, string>, string, unknown]>([
    ['lists of values', requested, headers, 'text=main+2222&command=%2Fbuild', go({ text: ['main 2222'], command: ['/build'] })],
    ['every value', { requestedFields: ['a'] }, headers, 'a=1&b=x&a=2', go({ a: ['1', '2'] })],
    ['nothing wanted', { requestedFields: [] }, headers, 'a=1&b=2', go()],
    ['JSON that is such a map', { requestedFields: ['a'] }, headers, '{"a":["1",null],"b":null}', go({ a: ['1', ''] })],
    ['no form', requested, { ...headers, 'Content-Type': 'application/json' }, '{}', noForm],
    ['a form with a charset', requested, { ...headers, 'Content-Type': `${formType}; charset=utf-8` }, 'text=1&command=2', noForm],
    ['no signature', requested, { 'Content-Type': formType }, 'text=1&command=2', noForm],
    ['an empty signature', requested, { ...headers, 'X-Slack-Signature': '' }, 'text=1&command=2', noForm],
    ['the header comes before the fields', {}, {}, 'text=1&command=2', noForm],
    ['one field only', requested, headers, 'text=1', stop('InvalidArgument', 'failed to unmarshl slack payload: invalid JSON')],
    [
      'a JSON list',
      requested,
      headers,
      '[1]',
      stop('InvalidArgument', 'failed to unmarshl slack payload: json: cannot unmarshal array into Go value of type map[string][]string'),
    ],
    [
      'JSON of other values',
      requested,
      headers,
      '{"text":"x"}',
      stop('InvalidArgument', 'failed to unmarshl slack payload: json: cannot unmarshal string into Go value of type []string'),
    ],
    [
      'JSON of other elements',
      requested,
      headers,
      '{"text":[1]}',
      stop('InvalidArgument', 'failed to unmarshl slack payload: json: cannot unmarshal number into Go value of type string'),
    ],
    ['no fields', {}, headers, 'text=1&command=2', wrong('NotFound', 'missing requested field definition')],
    ['fields null', { requestedFields: null }, headers, 'text=1&command=2', wrong('NotFound', 'missing requested field definition')],
    [
      'a field that is not there; the token is not shown',
      requested,
      headers,
      'user=u&text=a+b&text=c&token=very-secret',
      stop('NotFound', 'requested field does not exists in payload map[text:[a b c] token:[…] user:[u]]'),
    ],
    [
      'params of another type',
      { requestedFields: 'text' },
      headers,
      'text=1&command=2',
      wrong(
        'InvalidArgument',
        'failed to parse interceptor params: invalid json: requestedFields is of type string, expected a list of strings',
      ),
    ],
    ['names like a prototype’s', { requestedFields: ['constructor'] }, headers, 'a=1&constructor=2', go({ constructor: ['2'] })],
  ])('%s', async (_, params, given, body, expected) => {
    expect(await ask({ params, headers: given, body })).toEqual(expected);
  });

  it('a long payload is shown in part', async () => {
    const answer = await ask({ params: requested, headers, body: `text=${'x'.repeat(100_000)}&a=1` });
    expect(answer).toMatchObject({ message: expect.stringMatching(/^requested field .{1000,1100}…$/) });
  });

  it('is warned of, and can let nothing through without fields', () => {
    expect(readyInterceptor(slack, { params: requested })).toMatchObject({
      signature: undefined,
      dialogue: undefined,
      defect: undefined,
      warnings: ['slack: without secretRef anybody who can reach this server can send it events'],
    });
    expect(readyInterceptor(slack, {}).defect).toBe('slack: missing requested field definition');
  });
});

describe("with the app's signing secret", () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['Slack’s example', {}, go()],
    ['digits in upper case', { 'X-Slack-Signature': example.signature.toUpperCase().replace('V0', 'v0') }, go()],
    ['another signature', { 'X-Slack-Signature': example.signature.replace(/3$/, '4') }, failed],
    ['a signature cut short', { 'X-Slack-Signature': 'v0=a2114d57' }, failed],
    ['no digits', { 'X-Slack-Signature': 'v0=' }, failed],
    ['another time, in the window', { 'X-Slack-Request-Timestamp': '1531420619' }, failed],
    ['another version', { 'X-Slack-Signature': 'v1=00' }, stop('FailedPrecondition', 'error parsing signature "v1=00", expected v0=<hex>')],
    ['not hexadecimal', { 'X-Slack-Signature': 'v0=zz' }, stop('FailedPrecondition', 'error parsing signature "v0=zz", expected v0=<hex>')],
    ['no signature', { 'X-Slack-Signature': '' }, stop('FailedPrecondition', 'no X-Slack-Signature header set')],
    ['no time', { 'X-Slack-Request-Timestamp': '' }, stop('FailedPrecondition', 'no X-Slack-Request-Timestamp header set')],
    [
      'a time that is none',
      { 'X-Slack-Request-Timestamp': '-5' },
      stop('FailedPrecondition', 'X-Slack-Request-Timestamp is "-5", expected seconds since 1970'),
    ],
  ])('%s', async (_, more, expected) => {
    expect(await ask({ params: { secretRef }, headers: { ...exampleHeaders, ...more }, body: example.body })).toEqual(expected);
  });

  it.each([
    [300_000, 'continue'],
    [300_001, 'stop'],
    [-300_000, 'continue'],
    [-300_001, 'stop'],
  ])('%d ms after it was signed: %s', async (age, outcome) => {
    const answer = await ask({ params: { secretRef }, headers: exampleHeaders, body: example.body }, at + age);
    expect(answer.outcome).toBe(outcome);
  });

  it('verifies with any live secret, and tells of a newline', async () => {
    const refs = ['next', 'secret'].map((secretKey) => ({ secretName: 'slack', secretKey }));
    expect(await ask({ params: { secretRefs: refs }, headers: exampleHeaders, body: example.body })).toEqual(go());
    const newline = { secretRef: { secretName: 'slack', secretKey: 'newline' } };
    expect(await ask({ params: newline, headers: exampleHeaders, body: example.body })).toEqual(
      wrong(
        'FailedPrecondition',
        'payload signature check failed: it verifies without the newline at the end of newline key in secret ns/slack; store the secret without it',
      ),
    );
  });

  const askSigned = (params: Record<string, unknown>, body: string, contentType: string) =>
    ask({ params: { secretRef, ...params }, headers: signed(body, contentType), body });

  it('gives the fields of a form, of one field only too', async () => {
    expect(await askSigned({ requestedFields: ['text'] }, 'text=a+b&c=d', formType)).toEqual(go({ text: ['a b'] }));
    expect(await askSigned({ requestedFields: ['text'] }, 'text=a', formType)).toMatchObject(go({ text: ['a'] }));
    expect(await askSigned({ requestedFields: ['user'] }, 'text=a', formType)).toEqual(
      stop('NotFound', 'requested field does not exists in payload map[text:[a]]'),
    );
  });

  const event = JSON.stringify({
    type: 'event_callback',
    event_id: 'Ev1',
    event: { type: 'app_mention', text: 'build it', count: 2, none: null },
  });

  it.each<[readonly string[] | undefined, unknown]>([
    [undefined, go()],
    [[], go()],
    [['type'], go({ type: ['event_callback'] })],
    [['event.text', 'event.count', 'type'], go({ event: { text: ['build it'], count: [2] }, type: ['event_callback'] })],
    [['event.none'], go({ event: { none: [null] } })],
    [['event'], go({ event: [{ type: 'app_mention', text: 'build it', count: 2, none: null }] })],
    [['event.user'], stop('NotFound', 'requested field event.user does not exist in the payload')],
    [['event.text.length'], stop('NotFound', 'requested field event.text.length does not exist in the payload')],
    [['constructor'], stop('NotFound', 'requested field constructor does not exist in the payload')],
  ])('gives paths of an event’s JSON: %j', async (requestedFields, expected) => {
    expect(await askSigned({ requestedFields }, event, 'application/json')).toEqual(expected);
  });

  it('has no room for a path and what lies below it', () => {
    const { defect, warnings } = readyInterceptor(slack, { params: { secretRef, requestedFields: ['event.text', 'event'] } });
    expect(defect).toBe('slack: requestedFields: event holds event.text, expected one of them: the extensions have room for one');
    expect(warnings).toBeUndefined();
  });

  it('gives the payload of an interaction as the object it is', async () => {
    const form = (payload: string) => new URLSearchParams({ payload }).toString();
    const wanted = { requestedFields: ['payload'] };
    const answer = await askSigned(wanted, form('{"type":"block_actions","actions":[{"value":"42"}]}'), formType);
    expect(answer).toMatchObject(go({ payload: { type: 'block_actions', actions: [{ value: '42' }] } }));
    // What comes behind can read the body, which a form of one field is not by itself.
    const read = answer.outcome === 'continue' ? answer.event?.json() : undefined;
    expect(read).toEqual({ ok: true, value: { payload: ['{"type":"block_actions","actions":[{"value":"42"}]}'] } });
    // What is no object, or nests without end, stays the text it came as.
    expect(await askSigned(wanted, form('{'), formType)).toMatchObject(go({ payload: ['{'] }));
    const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
    expect(await askSigned(wanted, form(deep), formType)).toMatchObject(go({ payload: [deep] }));
  });

  it.each([
    ['text', 'text/plain'],
    ['[1]', 'application/json'],
    ['a=%zz', formType],
  ])('has nothing to read in %s', async (body, contentType) => {
    expect(await askSigned({}, body, contentType)).toEqual(
      stop(
        'InvalidArgument',
        'failed to unmarshl slack payload: neither a JSON object nor a form (Content-Type application/x-www-form-urlencoded)',
      ),
    );
  });
});

describe('commands', () => {
  const params = { secretRef, commands: ['/build', '/test'] };
  const send = (body: string, contentType = formType) => ask({ params, headers: signed(body, contentType), body });

  it('lets those through that are listed, exactly', async () => {
    expect(await send('command=%2Ftest&text=')).toEqual(go());
    for (const other of ['/deploy', '/Build', '/build ']) {
      expect(await send(`command=${encodeURIComponent(other)}&text=`)).toEqual(
        stop('FailedPrecondition', `command ${other} is not allowed, expected /build or /test`),
      );
    }
  });

  it('lets nothing else through', async () => {
    const expected = stop('FailedPrecondition', 'no slash command, expected /build or /test');
    expect(await send('payload=%7B%7D')).toEqual(expected);
    expect(await send('command=build&text=')).toEqual(expected);
    expect(await send('{"command":"/build"}', 'application/json')).toEqual(expected);
  });

  it('filters without a secret too; an empty list lets none through', async () => {
    const headers = { 'Content-Type': formType, 'X-Slack-Signature': 'x' };
    const unsigned = (commands: readonly string[]) =>
      ask({ params: { requestedFields: [], commands }, headers, body: 'command=%2Fbuild&text=' });
    expect(await unsigned(['/build'])).toEqual(go());
    expect(await unsigned([])).toEqual(stop('FailedPrecondition', 'command /build is not allowed, expected nothing: the list is empty'));
  });
});
