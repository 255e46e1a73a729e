import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { inCluster } from './in-cluster.ts';
import { loadKubeconfig } from './load-kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function config(name: string, user: object, more: { cluster?: object; current?: string } = {}): string {
  return JSON.stringify({
    clusters: [{ name, cluster: { server: `https://${name}:6443/`, ...more.cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-ns` } }],
    ...(more.current !== undefined && { 'current-context': more.current }),
  });
}

function written(text: string, name = 'config'): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text);
  return file;
}

const credentialsOf = async (user: object) =>
  (await loadKubeconfig({ file: written(config('one', user)), context: 'one' })).credentials.current(0);

describe('loadKubeconfig', () => {
  it('gives the current context of the file', async () => {
    const file = written(config('one', { token: 't' }, { current: 'one', cluster: { 'certificate-authority-data': base64('PEM') } }));
    const { credentials, ...connection } = await loadKubeconfig({ file });
    expect(connection).toEqual({
      server: 'https://one:6443',
      namespace: 'one-ns',
      authority: 'PEM',
      serverName: undefined,
      insecure: false,
    });
    expect(await credentials.current(0)).toMatchObject({ headers: { authorization: 'Bearer t' } });
  });

  it('reads what KUBECONFIG lists, the first before the others and missing ones passed over, or ~/.kube/config', async () => {
    const [one, two] = [written(config('one', { token: '1' })), written(config('two', { token: '2' }, { current: 'two' }))];
    const env = { KUBECONFIG: ['/nowhere/config', one, two].join(delimiter) };
    expect(await loadKubeconfig({ env })).toMatchObject({ server: 'https://two:6443' });
    expect(await loadKubeconfig({ env, context: 'one' })).toMatchObject({ server: 'https://one:6443' });
    const [mine, theirs] = [written(config('x', { token: 'mine' }, { current: 'x' })), written(config('x', { token: 'theirs' }))];
    const { credentials } = await loadKubeconfig({ env: { KUBECONFIG: [mine, theirs].join(delimiter) } });
    expect(await credentials.current(0)).toMatchObject({ headers: { authorization: 'Bearer mine' } });
    const home = temporaryDirectory();
    mkdirSync(join(home, '.kube'));
    writeFileSync(join(home, '.kube', 'config'), config('home', {}, { current: 'home' }));
    expect(await loadKubeconfig({ env: { HOME: home } })).toMatchObject({ server: 'https://home:6443' });
  });

  it('finds files beside itself, and reads them again when they are rotated', async () => {
    const file = written(
      config(
        'one',
        { tokenFile: 'token', 'client-certificate': 'c.pem', 'client-key-data': base64('KEY') },
        { cluster: { 'certificate-authority': 'ca.pem' } },
      ),
    );
    for (const [name, text] of Object.entries({ token: 'first\n', 'c.pem': 'CERT', 'ca.pem': 'CA' }))
      writeFileSync(join(file, '..', name), text);
    const { authority, credentials } = await loadKubeconfig({ file, context: 'one' });
    expect(authority).toBe('CA');
    const first = await credentials.current(0);
    expect(first).toEqual({ headers: { authorization: 'Bearer first' }, certificate: 'CERT', key: 'KEY' });
    writeFileSync(join(file, '..', 'token'), 'second');
    expect(await credentials.current(59_999)).toBe(first);
    expect(await credentials.current(60_000)).toMatchObject({ headers: { authorization: 'Bearer second' } });
    writeFileSync(join(file, '..', 'token'), 'third');
    expect(credentials.renew(await credentials.current(60_001))).toBe(true);
    expect(await credentials.current(60_002)).toMatchObject({ headers: { authorization: 'Bearer third' } });
  });

  it('knows tokens with certificates, names with passwords, and acting as somebody else', async () => {
    expect(await credentialsOf({ token: 't', 'client-certificate-data': base64('C'), 'client-key-data': base64('K') })).toEqual({
      headers: { authorization: 'Bearer t' },
      certificate: 'C',
      key: 'K',
    });
    expect(await credentialsOf({ username: 'u', password: 'p' })).toEqual({ headers: { authorization: `Basic ${base64('u:p')}` } });
    expect(await credentialsOf({})).toEqual({ headers: {} });
    expect(await credentialsOf({ token: 't', as: 'jane', 'as-groups': ['a', 'b'] })).toMatchObject({
      headers: { authorization: 'Bearer t', 'impersonate-user': 'jane', 'impersonate-group': ['a', 'b'] },
    });
  });

  it('asks a program, once until it is refused, and says what the program said', async () => {
    const folder = temporaryDirectory();
    const plugin = join(folder, 'plugin');
    writeFileSync(
      plugin,
      `#!/bin/sh
printf '%s' "$KUBERNETES_EXEC_INFO" > ${folder}/info
echo x >> ${folder}/calls
[ "$1" = fail ] && { echo "log in first" >&2; exit 1; }
echo '{"kind": "ExecCredential", "status": {"token": "from-'"$WHO"'"}}'
`,
    );
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, args: ['ok'], env: [{ name: 'WHO', value: 'plugin' }] };
    const file = written(config('one', { exec: { ...exec, provideClusterInfo: true } }));
    const { credentials } = await loadKubeconfig({ file, context: 'one' });
    const [first] = await Promise.all([credentials.current(0), credentials.current(0)]);
    expect(first).toMatchObject({ headers: { authorization: 'Bearer from-plugin' } });
    expect(await credentials.current(1e12)).toBe(first);
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://one:6443/' } },
    });
    credentials.renew(first);
    await credentials.current(0);
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('x\nx\n');
    await expect(credentialsOf({ exec: { ...exec, args: ['fail'], installHint: 'get it at example.com' } })).rejects.toThrow(
      `user "one": exec plugin ${plugin}: log in first; get it at example.com`,
    );
    await expect(credentialsOf({ exec: { ...exec, command: '/nowhere/plugin' } })).rejects.toThrow(
      /exec plugin \/nowhere\/plugin: .*ENOENT/,
    );
  });

  it('uses an OIDC token while it is good, and says when it is not', async () => {
    const token = (exp: number) =>
      ['{"alg":"none"}', JSON.stringify({ exp }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const oidc = (id: string) => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': id } } });
    const good = token(Math.round(Date.now() / 1_000) + 3_600);
    expect(await credentialsOf(oidc(good))).toMatchObject({ headers: { authorization: `Bearer ${good}` } });
    await expect(credentialsOf(oidc(token(1)))).rejects.toThrow('user "one": the OIDC id-token is missing or has run out');
    await expect(credentialsOf({ 'auth-provider': { name: 'gcp' } })).rejects.toThrow(
      'auth-provider "gcp" is no longer supported by anybody',
    );
  });

  it.each([
    ['a: [', undefined, /^kubeconfig \S+: /],
    ['[1]', undefined, 'expected a mapping with clusters, users and contexts'],
    [config('one', {}), undefined, 'no current-context is set; name one with --context (there are: one)'],
    [config('one', {}), 'two', 'there is no context "two" (there are: one)'],
    [
      JSON.stringify({ contexts: [{ name: 'c', context: { cluster: 'x' } }] }),
      'c',
      'context "c" names the cluster "x", which is not there',
    ],
    [config('one', {}).replace('"user":"one"', '"user":"who"'), 'one', 'context "one" names the user "who", which is not there'],
    [config('one', {}, { cluster: { server: 'localhost' } }), 'one', 'server: got "localhost", expected a URL like https://10.0.0.1:6443'],
    [config('one', {}, { cluster: { 'proxy-url': 'socks5://x' } }), 'one', 'proxy-url is not supported'],
    [config('one', {}, { cluster: { 'certificate-authority': 'none.pem' } }), 'one', /certificate-authority: ENOENT/],
  ])('refuses %s', async (text, context, message) => {
    await expect(loadKubeconfig({ file: written(text), context })).rejects.toThrow(message);
  });

  it('says so when there is no file', async () => {
    const env = { HOME: '/nowhere' };
    await expect(loadKubeconfig({ env })).rejects.toThrow(
      'kubeconfig /nowhere/.kube/config: there is no such file; name one with --kubeconfig',
    );
  });
});

describe('inCluster', () => {
  it('takes the service account, and its token again when it was rotated', async () => {
    const folder = temporaryDirectory();
    for (const [name, text] of Object.entries({ token: 'a\n', 'ca.crt': 'CA', namespace: 'tappet\n' }))
      writeFileSync(join(folder, name), text);
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const { credentials, ...connection } = await inCluster({ env, folder });
    expect(connection).toEqual({ server: 'https://[fd00::1]:443', namespace: 'tappet', authority: 'CA' });
    expect(await credentials.current(0)).toEqual({ headers: { authorization: 'Bearer a' } });
    writeFileSync(join(folder, 'token'), 'b');
    expect(await credentials.current(60_000)).toEqual({ headers: { authorization: 'Bearer b' } });
  });

  it('says what is missing', async () => {
    await expect(inCluster({ env: {} })).rejects.toThrow('not in a cluster');
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    await expect(inCluster({ env, folder: '/nowhere' })).rejects.toThrow('automountServiceAccountToken');
  });
});
