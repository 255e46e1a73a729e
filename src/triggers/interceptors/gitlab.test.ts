import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Asked, askInterceptor } from '../../../test/support/ask-interceptor.ts';
import { type FakeOutside, fakeOutside } from '../../../test/support/fake-outside.ts';
import { gitlab } from './gitlab.ts';

/** The example that the Standard Webhooks libraries test themselves with. */
const example = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  headers: {
    'Webhook-Id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'Webhook-Timestamp': '1614265330',
    'Webhook-Signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: '{"test": 2432232314}',
};
const at = 1_614_265_330_000;

const secrets = {
  'ns/hook/signing': example.secret,
  'ns/hook/signing-newline': `${example.secret}\n`,
  'ns/hook/bare': example.secret.slice('whsec_'.length),
  'ns/hook/nothing': 'whsec_',
  'ns/hook/garbage': 'whsec_***',
  'ns/hook/other': 'whsec_YW5vdGhlciBrZXk=',
  'ns/hook/token': '1234567',
  'ns/hook/unicode': 'grüße 🦊',
};
const ref = (secretKey: string) => ({ secretName: 'hook', secretKey });

function ask(keys: readonly string[], headers: Asked['headers'] = {}, { now = at, body = example.body, outside = outsideAt(now) } = {}) {
  return askInterceptor(gitlab, { params: { secretRefs: keys.map(ref) }, headers, body, outside });
}

function outsideAt(now: number): FakeOutside {
  return fakeOutside(secrets, { now });
}

const stop = (code: string, message: string) => ({ outcome: 'stop', code, message });
const wrong = (code: string, message: string) => ({ outcome: 'error', code, message });
const go = { outcome: 'continue' };
const failed = stop('FailedPrecondition', 'payload signature check failed');
const signed = (more: Record<string, string>) => ({ ...example.headers, ...more });

describe('a signing token', () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['the example', {}, go],
    ['one right signature of several', { 'Webhook-Signature': `v1,bm9wZQ== ${example.headers['Webhook-Signature']}` }, go],
    ['versions that are not ours beside it', { 'Webhook-Signature': `v1a,bm9wZQ== ${example.headers['Webhook-Signature']} v2,x` }, go],
    ['entries that are no base64 beside it', { 'Webhook-Signature': `v1,*** ${example.headers['Webhook-Signature']}` }, go],
    ['another id', { 'Webhook-Id': 'msg_other' }, failed],
    ['another time, in the window', { 'Webhook-Timestamp': '1614265331' }, failed],
    ['a wrong signature', { 'Webhook-Signature': 'v1,bm9wZQ==' }, failed],
    ['a signature cut short', { 'Webhook-Signature': 'v1,g0hM9SsE+OTPJTGt' }, failed],
    ['an empty signature', { 'Webhook-Signature': 'v1,' }, failed],
    [
      'no version',
      { 'Webhook-Signature': 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
      stop(
        'FailedPrecondition',
        'error parsing signature "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=": expected v1,<base64>, at most 5 of them',
      ),
    ],
    [
      'the right one under another version',
      { 'Webhook-Signature': 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
      stop(
        'FailedPrecondition',
        'error parsing signature "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=": expected v1,<base64>, at most 5 of them',
      ),
    ],
    ['no signature', { 'Webhook-Signature': '' }, stop('InvalidArgument', 'no Webhook-Signature header set')],
    ['no id', { 'Webhook-Id': '' }, stop('InvalidArgument', 'no Webhook-Id header set')],
    ['no time', { 'Webhook-Timestamp': '' }, stop('InvalidArgument', 'no Webhook-Timestamp header set')],
    [
      'a time that is none',
      { 'Webhook-Timestamp': '1614265330.0' },
      stop('FailedPrecondition', 'Webhook-Timestamp is "1614265330.0", expected seconds since 1970'),
    ],
  ])('%s', async (_, more, expected) => {
    expect(await ask(['signing'], signed(more))).toEqual(expected);
  });

  it('signs the raw body', async () => {
    expect(await ask(['signing'], example.headers, { body: '{"test":2432232314}' })).toEqual(failed);
  });

  it.each([
    ['exactly five minutes old', 300_000, undefined],
    ['a millisecond older', 300_001, "Webhook-Timestamp is 301 s behind this server's clock, expected at most 300 s"],
    ['exactly five minutes ahead', -300_000, undefined],
    ['a millisecond more ahead', -300_001, "Webhook-Timestamp is 301 s ahead of this server's clock, expected at most 300 s"],
  ])('%s', async (_, age, reason) => {
    const answer = await ask(['signing'], example.headers, { now: at + age });
    if (reason === undefined) expect(answer).toEqual(go);
    else expect(answer).toEqual(stop('FailedPrecondition', `${reason}: an old request sent again, or a clock that is wrong`));
  });

  it('tries a bounded number of signatures, each a hash of the whole body', async () => {
    const outside = outsideAt(at);
    const five = Array.from({ length: 5 }, () => 'v1,bm9wZQ==').join(' ');
    expect(await ask(['signing'], signed({ 'Webhook-Signature': five }), { outside })).toEqual(failed);
    expect(outside.hmacs.count).toBe(5);
    const flood = await ask(['signing'], signed({ 'Webhook-Signature': `${five} ${example.headers['Webhook-Signature']}` }), { outside });
    expect(flood).toMatchObject({ outcome: 'stop', message: expect.stringContaining('at most 5 of them') });
    expect(outside.hmacs.count).toBe(5);
  });

  it('may end in a line break, which is no part of its base64', async () => {
    expect(await ask(['signing-newline'], example.headers)).toEqual(go);
  });

  it.each(['nothing', 'garbage'])('with %s behind its prefix is no secret', async (key) => {
    const expected = wrong('FailedPrecondition', 'error getting secret: what follows whsec_ in it is no base64 of a key');
    expect(await ask([key], example.headers)).toEqual(expected);
    expect(await ask([key, 'signing'], example.headers)).toEqual(go);
  });
});

describe('tokens and signing tokens', () => {
  const token = { 'X-Gitlab-Token': '1234567' };

  it('each want their own proof', async () => {
    expect(await ask(['signing'], token)).toEqual(stop('InvalidArgument', 'no Webhook-Signature header set'));
    expect(await ask(['token'], example.headers)).toEqual(stop('InvalidArgument', 'no X-Gitlab-Token header set'));
    // Whoever sends the signing token itself has not signed with it.
    expect((await ask(['signing'], { 'X-Gitlab-Token': example.secret })).outcome).toBe('stop');
    // Without its prefix it is a token like any other.
    expect(await ask(['bare'], { 'X-Gitlab-Token': secrets['ns/hook/bare'] })).toEqual(go);
    expect((await ask(['bare'], example.headers)).outcome).toBe('stop');
  });

  it.each<[string, Asked['headers'], unknown]>([
    ['the signature', example.headers, go],
    ['the token', token, go],
    ['both', { ...example.headers, ...token }, go],
    ['a wrong token, no signature', { 'X-Gitlab-Token': 'x' }, stop('InvalidArgument', 'Invalid X-GitLab-Token')],
    ['a wrong signature, no token', signed({ 'Webhook-Id': 'x' }), failed],
  ])('may be live together: %s', async (_, headers, expected) => {
    expect(await ask(['signing', 'token'], headers)).toEqual(expected);
    expect(await ask(['token', 'signing'], headers)).toEqual(expected);
  });

  it('of two signing tokens either verifies', async () => {
    const content = `${example.headers['Webhook-Id']}.${example.headers['Webhook-Timestamp']}.${example.body}`;
    const other = signed({ 'Webhook-Signature': `v1,${createHmac('sha256', 'another key').update(content).digest('base64')}` });
    expect(await ask(['signing', 'other'], other)).toEqual(go);
    expect(await ask(['signing', 'other'], example.headers)).toEqual(go);
    expect(await ask(['signing'], other)).toEqual(failed);
  });

  it('a token beyond ASCII is compared as UTF-8', async () => {
    expect(await ask(['unicode'], { 'X-Gitlab-Token': 'grüße 🦊' })).toEqual(go);
    expect(await ask(['unicode'], { 'X-Gitlab-Token': 'grusse 🦊' })).toEqual(stop('InvalidArgument', 'Invalid X-GitLab-Token'));
  });
});
