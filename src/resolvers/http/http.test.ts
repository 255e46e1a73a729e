import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localServer } from '../../../test/support/local-server.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { parseAllowRule } from '../../http/allow-rule.ts';
import { createHttp } from '../../http/create-http.ts';
import type { Resolution } from '../../ports/resolver.ts';
import type { LookUpSecret } from '../../ports/secrets.ts';
import { createHttpResolver } from './create-http-resolver.ts';

const secret =
  (annotations: Readonly<Record<string, string>> = {}): LookUpSecret =>
  async (namespace, name, key) => {
    if (name === 'none') return { type: 'no-secret' };
    if (key === 'none') return { type: 'no-key' };
    return { type: 'found', value: Buffer.from(`${namespace}/${name}/${key}`), annotations };
  };

function resolver(secrets: LookUpSecret = secret(), boundSecretsOnly = false) {
  const rule = parseAllowRule('127.0.0.1');
  const http = createHttp({ outbound: { allow: rule === undefined ? [] : [rule], allowPrivate: false }, clock: new ManualClock() });
  onTestFinished(() => http.close());
  return createHttpResolver({ http, secrets, fetchTimeoutMs: 60_000, boundSecretsOnly });
}

const question = (params: Readonly<Record<string, string>>) => ({
  namespace: 'ns',
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});
const ask = (params: Readonly<Record<string, string>>, subject = resolver()): Promise<Resolution> =>
  subject.resolve(question(params), new AbortController().signal);
const message = (answer: Resolution): string => (answer.ok ? `found ${new TextDecoder().decode(answer.data)}` : answer.message);

describe('http params', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{ url: 'https://x.test/a.yaml' }, undefined],
    [{ url: 'http://x.test' }, undefined],
    [{}, 'missing required http resolver params: url'],
    [{ url: 'a.yaml' }, 'cannot parse url a.yaml: parse "a.yaml": invalid URI for request'],
    [{ url: '' }, 'cannot parse url : parse "": invalid URI for request'],
    [{ url: 'https://' }, 'cannot parse url https://: parse "https://": invalid URI for request'],
    [{ url: '/etc/passwd' }, 'url /etc/passwd is not a valid http(s) url'],
    [{ url: 'file:///etc/passwd' }, 'url file:///etc/passwd is not a valid http(s) url'],
    [{ url: 'gopher://x/1' }, 'url gopher://x/1 is not a valid http(s) url'],
    [{ url: 'ftp://me:hush@x/1' }, 'url ftp://…@x/1 is not a valid http(s) url'],
    [{ url: 'https://x', 'http-username': 'u' }, 'missing required param http-password-secret when using http-username'],
    [{ url: 'https://x', 'http-username': '', 'http-password-secret': 's' }, 'value http-username cannot be empty'],
    [{ url: 'https://x', 'http-password-secret': 's' }, 'missing required param http-username when using http-password-secret'],
    [{ url: 'https://x', 'http-username': 'u', 'http-password-secret': '' }, 'value http-password-secret cannot be empty'],
  ])('%j: %s', (params, error) => {
    expect(resolver().check(question(params))).toBe(error);
  });
});

describe('the http resolver', () => {
  it('says whose URL it was, and no annotations', async () => {
    const server = await localServer((_, response) => response.end('x'));
    const sha256 = createHash('sha256').update('x').digest('hex');
    expect(await ask({ url: `${server.url}/a?b=c` })).toEqual({
      ok: true,
      data: expect.anything(),
      refSource: { uri: `${server.url}/a?b=c`, digest: { sha256 } },
    });
  });

  it('sends the password of its secret, under the key that is named', async () => {
    const server = await localServer((_, response) => response.end('x'));
    const login = { url: server.url, 'http-username': 'user', 'http-password-secret': 'secret' };
    await ask(login);
    await ask({ ...login, 'http-password-secret-key': 'other' });
    const sent = server.requests.map(({ headers }) =>
      Buffer.from(String(headers.authorization).slice('Basic '.length), 'base64').toString(),
    );
    expect(sent).toEqual(['user:ns/secret/password', 'user:ns/secret/other']);
    expect(message(await ask({ ...login, 'http-password-secret': 'none' }))).toBe(
      'cannot get API token, secret none not found in namespace ns',
    );
    expect(message(await ask({ ...login, 'http-password-secret-key': 'none' }))).toBe(
      'cannot get API token, key none not found in secret secret in namespace ns',
    );
    expect(server.requests.length).toBe(2);
  });

  it('follows redirects without the password, and not to where it may not go', async () => {
    const other = await localServer(({ headers }, response) => response.end(String(headers.authorization)));
    const server = await localServer(({ path }, response) => {
      const target = path === '/there' ? `${other.url}/` : path === '/metadata' ? 'http://169.254.169.254/' : `file:///etc/passwd`;
      response.writeHead(302, { Location: target }).end();
    });
    const login = { 'http-username': 'user', 'http-password-secret': 'secret' };
    expect(message(await ask({ url: `${server.url}/there`, ...login }))).toBe('found undefined');
    expect(message(await ask({ url: `${server.url}/metadata` }))).toMatch(/^error fetching URL: .*169\.254\.169\.254/);
    expect(message(await ask({ url: `${server.url}/file` }))).toMatch(/^error fetching URL: .*its scheme is file/);
  });

  it.each([204, 301, 404, 500])('takes %i for "not found", as upstream', async (status) => {
    const server = await localServer((_, response) => response.writeHead(status).end());
    expect(await ask({ url: server.url })).toEqual({ ok: false, outlook: 'final', message: `requested URL '${server.url}' is not found` });
  });

  it('proves the digest', async () => {
    const server = await localServer((_, response) => response.end('x'));
    const hash = (algorithm: string) => createHash(algorithm).update('x').digest('hex');
    const at = async (digest: string) => message(await ask({ url: server.url, digest }));
    expect(await at(`sha256:${hash('sha256')}`)).toBe('found x');
    expect(await at(`sha512:${hash('sha512')}`)).toBe('found x');
    expect(await at(`sha256:${'0'.repeat(64)}`)).toBe(
      `error validating digest: SHA mismatch, expected ${'0'.repeat(64)}, got ${hash('sha256')}`,
    );
    expect(await at('sha256')).toBe('error validating digest: invalid digest format: sha256');
    expect(await at(`md5:${hash('md5')}`)).toBe('error validating digest: invalid digest algorithm: md5');
    expect(await at('sha256:abc')).toBe('error validating digest: invalid sha256 digest value, expected length: 64, got: 3');
    expect(await at(`sha256:${'g'.repeat(64)}`)).toMatch(/^error validating digest: error decoding expected SHA string/);
  });

  it('sends a secret that does not say what it is for nowhere, where the settings want that', async () => {
    const server = await localServer((_, response) => response.end('x'));
    const login = { url: server.url, 'http-username': 'user', 'http-password-secret': 'secret' };
    expect(message(await ask(login, resolver(secret(), true)))).toMatch(/does not say which hosts it is for/);
    expect(message(await ask(login, resolver(secret({ 'tappet.dev/hosts': '127.0.0.1' }), true)))).toBe('found x');
  });
});
