import { describe, expect, it } from 'vitest';
import { fakeOutside } from '../../test/support/fake-outside.ts';
import { sealHeaders, unsealing } from './sealed-headers.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SEALED = /^sealed:[0-9a-f]{32}:[0-9a-f]{64}$/;

describe('sealHeaders', () => {
  it.each([
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'Set-Cookie',
    'X-Gitlab-Token',
    'X-Auth',
    'X-Auth-Key',
    'X-Api-Key',
    'X-Apikey',
    'X-Secret',
    'X-Passwd',
    'X-Password',
    'X-Amz-Security-Token',
    'X-Session-Id',
    'X-My-Credential',
  ])('keeps a digest of %s', (name) => {
    const sealed = sealHeaders({ [name]: ['hunter2', 'hunter3'], 'Content-Type': ['a'] });
    expect(sealed).toEqual({ [name]: [expect.stringMatching(SEALED), expect.stringMatching(SEALED)], 'Content-Type': ['a'] });
  });

  it.each([
    'X-Hub-Signature-256',
    'Webhook-Signature',
    'X-Slack-Signature',
    'X-Token-Signature',
    'X-Github-Event',
    'X-Github-Delivery',
    'X-Author',
    'Www-Authenticate',
    'Idempotency-Key',
    'Webhook-Id',
  ])('leaves %s as it came', (name) => {
    const headers = { [name]: ['value'] };
    expect(sealHeaders(headers)).toBe(headers);
  });

  it('never seals alike, and leaves the scheme of credentials', () => {
    const twice = [1, 2].map(() => sealHeaders({ Authorization: ['Bearer hunter2'] })['Authorization']?.[0] ?? '');
    expect(twice[0]).toMatch(/^Bearer sealed:/);
    expect(twice[0]).not.toBe(twice[1]);
    // A word that is no scheme may be a part of the secret.
    expect(sealHeaders({ Authorization: ['open sesame'] })['Authorization']?.[0]).toMatch(SEALED);
    expect(sealHeaders({ Authorization: ['Bearer '] })['Authorization']?.[0]).toMatch(SEALED);
    expect(sealHeaders({ 'X-Token': ['Bearer hunter2'] })['X-Token']?.[0]).toMatch(/^Bearer sealed:/);
  });

  it('seals what the listener compares with a secret, and what looks sealed', () => {
    const sealed = sealHeaders({ 'X-Shared': ['hunter2'], 'X-Other': ['a'], 'X-Odd': [`sealed:${'0'.repeat(32)}:${'0'.repeat(64)}`] }, [
      'X-Shared',
      'X-Absent',
    ]);
    expect(sealed).toEqual({ 'X-Shared': [expect.stringMatching(SEALED)], 'X-Other': ['a'], 'X-Odd': [expect.stringMatching(SEALED)] });
    expect(sealed['X-Odd']?.[0]).not.toContain('000000');
  });

  it('keeps keys of any name', () => {
    expect(Object.keys(sealHeaders(JSON.parse('{"__proto__":["a"],"Cookie":["b"]}')))).toEqual(['__proto__', 'Cookie']);
  });
});

describe('unsealing', () => {
  const open = (headers: Readonly<Record<string, readonly string[]>>, given: string, secret: string) =>
    unsealing(fakeOutside(), headers).equalSecret(bytes(given), bytes(secret));
  const headers = sealHeaders({ 'X-Token': ['hunter2'], Authorization: ['Bearer s3cret'], Cookie: ['grüße'] });
  const [token, authorization, cookie] = ['X-Token', 'Authorization', 'Cookie'].map((name) => headers[name]?.[0] ?? '') as [
    string,
    string,
    string,
  ];

  it('compares what is behind the seal', () => {
    expect(open(headers, token, 'hunter2')).toBe(true);
    expect(open(headers, token, 'hunter3')).toBe(false);
    expect(open(headers, token, '')).toBe(false);
    expect(open(headers, cookie, 'grüße')).toBe(true);
    expect(open(headers, 'plain', 'plain')).toBe(true);
  });

  it('with the scheme, and without', () => {
    expect(open(headers, authorization, 'Bearer s3cret')).toBe(true);
    expect(open(headers, authorization.replace('Bearer ', ''), 's3cret')).toBe(true);
    expect(open(headers, authorization, 's3cret')).toBe(false);
    expect(open(headers, authorization, 'Bearer ')).toBe(false);
    expect(open(headers, authorization, 'bearer s3cret')).toBe(false);
    expect(open(headers, authorization.replace('Bearer ', ''), 'Bearer s3cret')).toBe(false);
  });

  it('is not for what a sender has put elsewhere', () => {
    expect(open({}, token, 'hunter2')).toBe(false);
    expect(open(sealHeaders({ 'X-Other': [token] }), token, 'hunter2')).toBe(false);
    expect(open(sealHeaders({ 'X-Token': [token] }), token, 'hunter2')).toBe(false);
    expect(
      open(
        headers,
        token.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        'hunter2',
      ),
    ).toBe(false);
    expect(open({ 'X-Token': ['sealed:00:00'] }, 'sealed:00:00', '')).toBe(false);
  });
});
