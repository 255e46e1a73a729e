import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Asked, askInterceptor, eventOf, readyInterceptor } from '../../../test/support/ask-interceptor.ts';
import { type FakeOutside, fakeOutside } from '../../../test/support/fake-outside.ts';
import { runChain } from '../chain.ts';
import { OutsideUnavailable } from '../outside.ts';
import { bitbucket } from './bitbucket.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

const body = '{"a":1}';
const secrets = {
  'ns/old/token': 'old one',
  'ns/new/token': 'new one',
  'ns/new/newline': 'new one\n',
  'ns/new/windows': 'new one\r\n',
  'ns/new/only-newline': '\n',
  'ns/new/two-newlines': 'new one\n\n',
  'ns/new/empty': '',
};
const ref = (secretName: string, secretKey = 'token') => ({ secretName, secretKey });
const hmac = (secret: string, hash = 'sha256', of = body) => `${hash}=${createHmac(hash, secret).update(of).digest('hex')}`;
const signedBy = (secret: string) => ({ 'X-Hub-Signature-256': hmac(secret) });
const ask = (params: Asked['params'], headers: Asked['headers'], outside: FakeOutside = fakeOutside(secrets)) =>
  askInterceptor(github, { params, headers, body, outside });

const stop = (code: string, message: string) => ({ outcome: 'stop', code, message });
const wrong = (code: string, message: string) => ({ outcome: 'error', code, message });
const go = { outcome: 'continue' };
const failed = 'payload signature check failed';

describe('several live secrets', () => {
  const both = { secretRefs: [ref('new'), ref('old')] };

  it.each<[string, Record<string, unknown>, Record<string, string>, unknown]>([
    ['the first', both, signedBy('new one'), go],
    ['the second', both, signedBy('old one'), go],
    ['secretRef beside them', { secretRef: ref('new'), secretRefs: [ref('old')] }, signedBy('old one'), go],
    ['none of them', both, signedBy('a third'), stop('FailedPrecondition', failed)],
    ['one is missing, the other verifies', { secretRefs: [ref('gone'), ref('old')] }, signedBy('old one'), go],
    ['one is empty, the other verifies', { secretRefs: [ref('new', 'empty'), ref('old')] }, signedBy('old one'), go],
    ['one has no key, the other verifies', { secretRefs: [ref('new', ''), ref('old')] }, signedBy('old one'), go],
    [
      'one is missing, the other does not verify: says so, and no name',
      { secretRefs: [ref('gone'), ref('old')] },
      signedBy('new one'),
      stop('FailedPrecondition', `${failed} (1 of 2 secrets cannot be read)`),
    ],
    [
      'all are missing',
      { secretRefs: [ref('gone'), ref('away')] },
      signedBy('new one'),
      wrong('FailedPrecondition', 'error getting secret: cannot find token key in secret ns/gone'),
    ],
    [
      'an empty list opens nothing',
      { secretRefs: [] },
      signedBy('new one'),
      wrong('FailedPrecondition', 'github interceptor secretRefs is empty: nothing can be verified'),
    ],
    [
      'no list at all',
      { secretRefs: ref('new') },
      signedBy('new one'),
      wrong(
        'InvalidArgument',
        'failed to parse interceptor params: invalid json: secretRefs is of type object, expected a list of objects',
      ),
    ],
  ])('%s', async (_, params, headers, expected) => {
    expect(await ask(params, headers)).toEqual(expected);
  });

  it('are not read for an event without a signature', async () => {
    const outside = fakeOutside(secrets);
    expect(await ask(both, {}, outside)).toEqual(stop('FailedPrecondition', 'no X-Hub-Signature-256 header set'));
    expect(outside.reads).toEqual([]);
  });

  it('are tried in constant time, each once, by the outside', async () => {
    const outside = fakeOutside(secrets);
    await ask(both, signedBy('a third'), outside);
    expect(outside.hmacs.count).toBe(2);
  });

  it('leave in the chain which one verified', async () => {
    const interceptors = [readyInterceptor(github, { params: both })];
    const chain = { interceptors, namespace: 'ns', triggerId: 'namespaces/ns/triggers/t' };
    const run = (headers: Record<string, string>) => runChain(chain, eventOf({ headers, body }), fakeOutside(secrets), {});
    expect((await run(signedBy('old one'))).steps).toEqual([
      { interceptor: 'github', outcome: 'continue', tookMs: 0, verifiedBy: 'old/token' },
    ]);
    expect((await run(signedBy('none'))).steps[0]).not.toHaveProperty('verifiedBy');
  });

  it('are shared by interceptors that list the same, and not by those that list others', () => {
    const idOf = (params: Asked['params']) => readyInterceptor(github, { params }).signature?.id;
    expect(idOf(both)).toBe(idOf({ secretRef: ref('new'), secretRefs: [ref('old')] }));
    expect(idOf(both)).not.toBe(idOf({ secretRefs: [ref('new')] }));
    expect(idOf({ secretRefs: [ref('a', 'b'), ref('c')] })).not.toBe(idOf({ secretRefs: [ref('a'), ref('b', 'c')] }));
  });

  it('that cannot be asked for are no answer: the next try counts', async () => {
    const event = eventOf({ headers: signedBy('new one'), body });
    const check = readyInterceptor(github, { params: both }).signature;
    let away = true;
    const there = fakeOutside(secrets);
    const outside = {
      ...there,
      secret: (...of: [string, string, string]) => (away ? Promise.reject(new Error('away')) : there.secret(...of)),
    };
    await expect(check?.refuse(event, outside)).rejects.toThrow(OutsideUnavailable);
    away = false;
    expect(await check?.refuse(event, outside)).toBeUndefined();
    expect(await check?.verifiedBy(event)).toBe('new/token');
  });
});

describe('a newline at the end of the secret', () => {
  const told = (key: string, what = failed) =>
    wrong(
      'FailedPrecondition',
      `${what}: it verifies without the newline at the end of ${key} key in secret ns/new; store the secret without it`,
    );

  it.each([
    ['newline', told('newline')],
    ['windows', told('windows')],
    // As much as an editor or `echo` adds, no more.
    ['two-newlines', stop('FailedPrecondition', failed)],
    ['only-newline', stop('FailedPrecondition', failed)],
  ])('is refused: %s', async (key, expected) => {
    expect(await ask({ secretRef: ref('new', key) }, signedBy('new one'))).toEqual(expected);
  });

  it('verifies where the sender has it too', async () => {
    expect(await ask({ secretRef: ref('new', 'newline') }, signedBy('new one\n'))).toEqual(go);
  });

  it('is not told to a sender who does not know the secret', async () => {
    expect(await ask({ secretRef: ref('new', 'newline') }, signedBy('other'))).toEqual(stop('FailedPrecondition', failed));
  });

  it('is found among several', async () => {
    expect(await ask({ secretRefs: [ref('old'), ref('new', 'newline')] }, signedBy('new one'))).toEqual(told('newline'));
  });

  it("is told of GitLab's token and of Bitbucket's signature", async () => {
    const params = { secretRef: ref('new', 'newline') };
    const outside = fakeOutside(secrets);
    const remedy = 'it verifies without the newline at the end of newline key in secret ns/new; store the secret without it';
    expect(await askInterceptor(gitlab, { params, headers: { 'X-Gitlab-Token': 'new one' }, body, outside })).toEqual(
      wrong('InvalidArgument', `Invalid X-GitLab-Token: ${remedy}`),
    );
    expect(await askInterceptor(bitbucket, { params, headers: { 'X-Hub-Signature': hmac('new one') }, body, outside })).toEqual(
      wrong('FailedPrecondition', `error validating signature: ${failed}: ${remedy}`),
    );
  });
});

describe('a header that is sent twice', () => {
  it('counts once, the first', async () => {
    const [right] = Object.values(signedBy('new one'));
    const params = { secretRef: ref('new') };
    expect(await ask(params, { 'X-Hub-Signature-256': [right ?? '', 'sha256=00'] })).toEqual(go);
    expect(await ask(params, { 'X-Hub-Signature-256': ['sha256=00', right ?? ''] })).toEqual(stop('FailedPrecondition', failed));
  });
});

describe("Gitea's, Forgejo's and Gogs' own headers", () => {
  const params = { secretRef: ref('new') };
  const hex = hmac('new one').slice('sha256='.length);

  it.each(['X-Gitea-Signature', 'X-Forgejo-Signature', 'X-Gogs-Signature'])('%s: SHA-256 without a prefix', async (header) => {
    expect(await ask(params, { [header]: hex })).toEqual(go);
    expect(await ask(params, { [header]: hmac('other').slice('sha256='.length) })).toEqual(stop('FailedPrecondition', failed));
    expect(await ask(params, { [header]: hmac('new one', 'sha1').slice('sha1='.length) })).toEqual(stop('FailedPrecondition', failed));
  });

  it("come after GitHub's", async () => {
    expect(await ask(params, { 'X-Hub-Signature-256': hmac('other'), 'X-Gitea-Signature': hex })).toEqual(
      stop('FailedPrecondition', failed),
    );
  });
});

describe('SHA-1', () => {
  const params = { secretRef: ref('new') };
  const toBitbucket = (sha1: 'allow' | 'warn' | 'refuse', value = hmac('new one', 'sha1')) =>
    askInterceptor(bitbucket, { params, headers: { 'X-Hub-Signature': value }, body, policy: { sha1 }, outside: fakeOutside(secrets) });

  it.each(['allow', 'warn'] as const)('from Bitbucket is taken where the policy says %s', async (sha1) => {
    expect(await toBitbucket(sha1)).toEqual(go);
    expect(await toBitbucket(sha1, hmac('other', 'sha1'))).toEqual(
      stop('FailedPrecondition', 'error validating signature: payload signature check failed'),
    );
  });

  it('from Bitbucket is refused otherwise, and the message names the annotation', async () => {
    expect(await toBitbucket('refuse')).toEqual(
      stop(
        'FailedPrecondition',
        'error validating signature: sha1 is too weak here, expected sha256 or sha512; for a server that has nothing better annotate the listener with tappet.dev/allow-sha1: "true"',
      ),
    );
    expect(await toBitbucket('refuse', hmac('new one'))).toEqual(go);
  });

  it('is warned of where only this machine can reach the listener, and only where signatures are verified', () => {
    const warnings = (sha1: 'allow' | 'warn' | 'refuse', given: Asked['params'] = params) =>
      readyInterceptor(bitbucket, { params: given, policy: { sha1 } }).warnings;
    expect(warnings('warn')).toEqual([
      'bitbucket: signatures by SHA-1 are taken, since only this machine can reach the listener; to take them from other machines annotate the listener with tappet.dev/allow-sha1: "true"',
    ]);
    expect(warnings('allow')).toEqual([]);
    expect(warnings('refuse')).toEqual([]);
    expect(warnings('warn', {})).toEqual(['bitbucket: without secretRef anybody who can reach this server can send it events']);
  });

  it('never comes from GitHub, whatever the policy', async () => {
    for (const header of ['X-Hub-Signature', 'X-Hub-Signature-256']) {
      const headers = { [header]: hmac('new one', 'sha1') };
      const answer = await askInterceptor(github, { params, headers, body, policy: { sha1: 'allow' }, outside: fakeOutside(secrets) });
      expect(answer.outcome).toBe('stop');
    }
  });
});
