import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeOutside } from '../../../test/support/fake-outside.ts';
import { expressionCache } from '../expression-cache.ts';
import { openEvent } from '../open-event.ts';
import { bitbucket } from './bitbucket.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import type { InterceptorAnswer, InterceptorFactory } from './interceptor.ts';

/** reference/triggers.md 9.4: the exact body of upstream's github example, and the signature it sends. */
const githubBody =
  '{"action": "opened", "pull_request":{"head":{"sha": "28911bbb5a3e2ea034daf1f6be0a822d50e31e73"}},"repository":{"clone_url": "https://github.com/tektoncd/triggers.git"}}';
const githubSignature = 'sha256=c26dd919ebe335852219c49f74c4b24f1c62c93c77294be3ac6d8f2e4691a023';

const secrets = { 'ns/hook/token': '1234567', 'ns/hook/empty': '', 'ns/hook/newline': '1234567\n' };
const secretRef = { secretName: 'hook', secretKey: 'token' };

async function ask(
  factory: InterceptorFactory,
  params: Record<string, unknown>,
  headers: Record<string, string>,
  body = githubBody,
): Promise<InterceptorAnswer> {
  const event = openEvent({
    eventId: 'EVT',
    url: '/',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: new TextEncoder().encode(body),
  });
  const interceptor = factory(new Map(Object.entries(params)), {
    namespace: 'ns',
    expressions: expressionCache(),
    policy: { unsigned: 'warn', sha1: 'warn' },
  });
  return interceptor.intercept({
    event,
    extensions: {},
    namespace: 'ns',
    triggerId: 'namespaces/ns/triggers/t',
    outside: fakeOutside(secrets),
  });
}

const stop = (code: string, message: string) => ({ outcome: 'stop', code, message });
const wrong = (code: string, message: string) => ({ outcome: 'error', code, message });
const go = { outcome: 'continue' };
const hmac = (algorithm: string, body = githubBody) => `${algorithm}=${createHmac(algorithm, '1234567').update(body).digest('hex')}`;

describe('github', () => {
  const json = { 'Content-Type': 'application/json', 'X-Github-Event': 'pull_request' };
  const signed = { ...json, 'X-Hub-Signature-256': githubSignature };

  it.each<[string, Record<string, unknown>, Record<string, string>, unknown]>([
    ['nothing to check', {}, {}, go],
    ['upstream’s own signature', { secretRef }, signed, go],
    ['names in any case', { SecretRef: { SecretName: 'hook', secretkey: 'token' } }, signed, go],
    ['sha512', { secretRef }, { ...signed, 'X-Hub-Signature-256': hmac('sha512') }, go],
    ['upper-case digits', { secretRef }, { ...signed, 'X-Hub-Signature-256': `sha256=${githubSignature.slice(7).toUpperCase()}` }, go],
    ['event type', { secretRef, eventTypes: ['push', 'pull_request'] }, signed, go],
    ['event type null', { eventTypes: null }, json, go],
    [
      'form',
      {},
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      stop('InvalidArgument', 'form parameter encoding not supported, please change the hook to send JSON payloads'),
    ],
    ['other event type', { secretRef, eventTypes: ['push'] }, signed, stop('FailedPrecondition', 'event type pull_request is not allowed')],
    ['no event type at all', { eventTypes: [] }, json, stop('FailedPrecondition', 'event type pull_request is not allowed')],
    ['case of event type', { eventTypes: ['Pull_Request'] }, json, stop('FailedPrecondition', 'event type pull_request is not allowed')],
    [
      'no key',
      { secretRef: { secretName: 'hook' } },
      signed,
      wrong('FailedPrecondition', 'github interceptor secretRef.secretKey is empty'),
    ],
    ['no signature', { secretRef }, json, stop('FailedPrecondition', 'no X-Hub-Signature-256 header set')],
    [
      'no secret',
      { secretRef: { secretName: 'x', secretKey: 'y' } },
      signed,
      wrong('FailedPrecondition', 'error getting secret: cannot find y key in secret ns/x'),
    ],
    [
      'empty secret',
      { secretRef: { secretName: 'hook', secretKey: 'empty' } },
      { ...json, 'X-Hub-Signature-256': `sha256=${createHmac('sha256', '').update(githubBody).digest('hex')}` },
      wrong('FailedPrecondition', 'error getting secret: empty empty key in secret ns/hook: nothing can be verified with it'),
    ],
    [
      'newline in the secret',
      { secretRef: { secretName: 'hook', secretKey: 'newline' } },
      signed,
      wrong(
        'FailedPrecondition',
        'payload signature check failed: it verifies without the newline at the end of newline key in secret ns/hook; store the secret without it',
      ),
    ],
    [
      'wrong signature',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': githubSignature.replace(/3$/, '4') },
      stop('FailedPrecondition', 'payload signature check failed'),
    ],
    [
      'short signature',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': 'sha256=c26d' },
      stop('FailedPrecondition', 'payload signature check failed'),
    ],
    [
      'no digits',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': 'sha256=' },
      stop('FailedPrecondition', 'payload signature check failed'),
    ],
    [
      'SHA-1 though right',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': hmac('sha1') },
      stop('FailedPrecondition', 'sha1 is too weak here, expected sha256 or sha512'),
    ],
    [
      'other hash',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': 'x=00' },
      stop('FailedPrecondition', 'unknown hash type prefix: "x"'),
    ],
    ['no hash', { secretRef }, { ...signed, 'X-Hub-Signature-256': 'foo' }, stop('FailedPrecondition', 'error parsing signature "foo"')],
    [
      'not hexadecimal',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': 'sha256=zz' },
      stop('FailedPrecondition', 'error decoding signature "sha256=zz"'),
    ],
    [
      'prototype as hash',
      { secretRef },
      { ...signed, 'X-Hub-Signature-256': 'constructor=00' },
      stop('FailedPrecondition', 'unknown hash type prefix: "constructor"'),
    ],
    [
      'params of the wrong type',
      { eventTypes: 'push' },
      json,
      wrong(
        'InvalidArgument',
        'failed to parse interceptor params: invalid json: eventTypes is of type string, expected a list of strings',
      ),
    ],
    [
      'secret as text',
      { secretRef: 'x' },
      json,
      wrong('InvalidArgument', 'failed to parse interceptor params: invalid json: secretRef is of type string, expected an object'),
    ],
    ['changed files switched off', { addChangedFiles: { enabled: false } }, json, go],
  ])('%s', async (_, params, headers, expected) => {
    expect(await ask(github, params, headers)).toEqual(expected);
  });
});

describe('gitlab', () => {
  const headers = { 'X-Gitlab-Event': 'Push Hook', 'X-Gitlab-Token': '1234567' };

  it.each<[string, Record<string, unknown>, Record<string, string>, unknown]>([
    ['right token', { secretRef, eventTypes: ['Push Hook'] }, headers, go],
    ['event type comes first', { secretRef, eventTypes: ['Tag Push Hook'] }, {}, stop('FailedPrecondition', 'event type  is not allowed')],
    ['wrong token', { secretRef }, { ...headers, 'X-Gitlab-Token': '123456' }, stop('InvalidArgument', 'Invalid X-GitLab-Token')],
    ['no token', { secretRef }, { 'X-Gitlab-Event': 'Push Hook' }, stop('InvalidArgument', 'no X-Gitlab-Token header set')],
    [
      'no key',
      { secretRef: { secretName: 'hook', secretKey: '' } },
      headers,
      wrong('FailedPrecondition', 'gitlab interceptor secretRef.secretKey is empty'),
    ],
    [
      'empty secret',
      { secretRef: { secretName: 'hook', secretKey: 'empty' } },
      headers,
      wrong('FailedPrecondition', 'error getting secret: empty empty key in secret ns/hook: nothing can be verified with it'),
    ],
  ])('%s', async (_, params, given, expected) => {
    expect(await ask(gitlab, params, given)).toEqual(expected);
  });
});

describe('bitbucket', () => {
  const headers = { 'X-Event-Key': 'repo:refs_changed' };

  it.each<[string, Record<string, unknown>, Record<string, string>, unknown]>([
    [
      'sha1, as the documented header has it',
      { secretRef, eventTypes: ['repo:refs_changed'] },
      { ...headers, 'X-Hub-Signature': hmac('sha1') },
      go,
    ],
    ['sha256', { secretRef }, { ...headers, 'X-Hub-Signature': hmac('sha256') }, go],
    ['no signature', { secretRef }, headers, stop('InvalidArgument', 'no X-Hub-Signature header set')],
    [
      'other body',
      { secretRef },
      { ...headers, 'X-Hub-Signature': hmac('sha256', '{}') },
      stop('FailedPrecondition', 'error validating signature: payload signature check failed'),
    ],
    ['event type', { eventTypes: ['repo:push'] }, headers, stop('FailedPrecondition', 'event type repo:refs_changed is not allowed')],
    ['no secret asked for', {}, headers, go],
  ])('%s', async (_, params, given, expected) => {
    expect(await ask(bitbucket, params, given)).toEqual(expected);
  });

  it('verifies the raw body where the form conversion changes what the others see', async () => {
    const body = 'a=1&b=2';
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded', 'X-Hub-Signature': hmac('sha256', body) };
    expect(await ask(bitbucket, { secretRef }, form, body)).toEqual(go);
  });
});
