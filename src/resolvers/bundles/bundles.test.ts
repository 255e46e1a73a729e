import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { localServer } from '../../../test/support/local-server.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { type BundleObject, ociRegistry, tarOf } from '../../../test/support/oci-registry.ts';
import { parseAllowRule } from '../../http/allow-rule.ts';
import { createHttp } from '../../http/create-http.ts';
import { lookUpSecret } from '../../main/store-secrets.ts';
import { mostBytes, type Resolution, type Resolver } from '../../ports/resolver.ts';
import type { Store } from '../../ports/store.ts';
import { parseImageReference, registryScheme } from '../../registry/image-reference.ts';
import { openMemory } from '../../stores/memory/open-memory.ts';
import { createBundlesResolver } from './create-bundles-resolver.ts';
import { readLayer } from './read-layer.ts';

function scene(): { readonly resolver: Resolver; readonly store: Store } {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const rule = parseAllowRule('127.0.0.1');
  const http = createHttp({ outbound: { allow: rule === undefined ? [] : [rule], allowPrivate: false }, clock });
  onTestFinished(() => http.close());
  const config = {
    defaultServiceAccount: 'default',
    defaultKind: 'task',
    fetchTimeoutMs: 60_000,
    backoff: { durationMs: 1, factor: 1, steps: 1, capMs: 1 },
    caching: { mode: undefined, ttlMs: undefined },
  };
  return { store, resolver: createBundlesResolver({ http, store, secrets: lookUpSecret(store), config }) };
}

const question = (params: Readonly<Record<string, string>>) => ({
  namespace: 'ns',
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});
const ask = (resolver: Resolver, bundle: string, more: Readonly<Record<string, string>> = {}): Promise<Resolution> =>
  resolver.resolve(question({ bundle, name: 'it', ...more }), new AbortController().signal);
const message = (answer: Resolution): string => (answer.ok ? `found ${new TextDecoder().decode(answer.data)}` : answer.message);

describe('image references', () => {
  it.each([
    ['alpine', 'index.docker.io', 'library/alpine', 'latest', undefined],
    ['org/image:v1', 'index.docker.io', 'org/image', 'v1', undefined],
    ['docker.io/alpine', 'index.docker.io', 'library/alpine', 'latest', undefined],
    ['gcr.io/a/b/c:v1.0_x-y', 'gcr.io', 'a/b/c', 'v1.0_x-y', undefined],
    ['localhost/aa', 'localhost', 'aa', 'latest', undefined],
    ['localhost:5000/aa:b', 'localhost:5000', 'aa', 'b', undefined],
    ['127.0.0.1:5000/a/b', '127.0.0.1:5000', 'a/b', 'latest', undefined],
    [`gcr.io/a/b:v1@sha256:${'0'.repeat(64)}`, 'gcr.io', 'a/b', 'v1', `sha256:${'0'.repeat(64)}`],
    [`a/b@sha256:${'0'.repeat(64)}`, 'index.docker.io', 'a/b', 'latest', `sha256:${'0'.repeat(64)}`],
  ])('%s', (text, registry, repository, tag, digest) => {
    expect(parseImageReference(text)).toEqual({ ok: true, reference: { registry, repository, tag, ...(digest && { digest }) } });
  });

  it.each([
    '',
    'UPPER',
    'a:',
    'a:b c',
    'a@sha256:0',
    'a@md5:0',
    'gcr.io/../x',
    'gcr.io/a//b',
    'gcr.io/a/./b',
    'https://gcr.io/a',
    'a?b/c',
    'x..y:z/a b',
    'gcr.io/a',
    'gcr.io/',
  ])('refuses %j', (text) => {
    expect(parseImageReference(text)).toMatchObject({ ok: false, message: expect.stringMatching(/^could not parse reference: /) });
  });

  it.each([
    ['gcr.io', 'https'],
    ['registry.test:5000', 'https'],
    ['localhost:5000', 'http'],
    ['127.0.0.1:5000', 'http'],
    ['[::1]:5000', 'http'],
    ['registry.local', 'http'],
    ['192.168.1.1:5000', 'http'],
    ['10.0.0.1', 'http'],
    ['172.16.0.1', 'http'],
    ['172.32.0.1', 'https'],
    ['10.evil.test', 'https'],
  ])('%s is spoken to over %s', (registry, scheme) => {
    expect(registryScheme(registry)).toBe(scheme);
  });
});

describe('bundle params', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{ bundle: 'a/b', name: 'x' }, undefined],
    [{}, 'parameter "bundle" required'],
    [{ bundle: 'a/b' }, 'parameter "name" required'],
    [
      { bundle: 'A', name: 'x' },
      'invalid bundle reference: could not parse reference: A: the repository consists of small letters, digits, "_", "-", "." and "/"',
    ],
  ])('%j: %s', (params, error) => {
    expect(scene().resolver.check(question(params))).toBe(error);
  });
});

describe('a bundle', () => {
  it.each(['tar.gz', 'tar', 'raw', 'as-is'] as const)('has its objects in layers: %s', async (form) => {
    const registry = await ociRegistry();
    const digest = registry.push('a/b', 'v1', [
      { name: 'other', content: 'no', form },
      { kind: 'pipeline', content: 'p', form },
      { content: 't', form },
    ]);
    const { resolver } = scene();
    expect(message(await ask(resolver, `${registry.host}/a/b:v1`))).toBe('found t');
    expect(await ask(resolver, `${registry.host}/a/b:v1`, { kind: 'Pipeline' })).toEqual({
      ok: true,
      data: expect.anything(),
      refSource: { uri: `${registry.host}/a/b`, digest: { sha256: digest.slice('sha256:'.length) }, entryPoint: 'it' },
      annotations: {
        'resolution.tekton.dev/dev.tekton.image.kind': 'pipeline',
        'resolution.tekton.dev/dev.tekton.image.name': 'it',
        'resolution.tekton.dev/dev.tekton.image.apiVersion': 'v1',
      },
      tag: `tag v1 of ${registry.host}/a/b`,
    });
  });

  it('by its digest, or by the tag that is meant to move, has no tag to watch', async () => {
    const registry = await ociRegistry();
    const digest = registry.push('a/b', 'latest', [{ content: 't' }]);
    const { resolver } = scene();
    for (const reference of ['a/b', `a/b:v9@${digest}`])
      expect(await ask(resolver, `${registry.host}/${reference}`)).not.toHaveProperty('tag');
  });

  it.each<[string, BundleObject[], string | RegExp]>([
    ['no such object', [{ name: 'other', content: 'x' }], 'could not find object in image with kind: task and name: it'],
    [
      'no name',
      [{ name: '', content: 'x' }],
      /^invalid tekton bundle \S+, error: the layer 0 does not contain a dev\.tekton\.image\.name annotation$/,
    ],
    [
      'no kind',
      [{ content: 'x' }, { kind: '', content: 'x' }],
      /error: the layer 1 does not contain a dev\.tekton\.image\.kind annotation$/,
    ],
    [
      'a kind in the plural',
      [{ kind: 'tasks', content: 'x' }],
      /error: the layer 0 the annotation dev\.tekton\.image\.kind must be lowercased and singular, found tasks$/,
    ],
    ['too many', Array.from({ length: 21 }, () => ({ content: 'x' })), /error: contained more than the maximum 20 allow objects$/],
    [
      'one that says it is too large',
      [{ content: 'x', size: mostBytes + 1 }],
      `failed to read image layer: it is larger than ${mostBytes} bytes`,
    ],
    ['a bomb', [{ content: gzipSync(Buffer.alloc(50_000_000)), form: 'as-is' }], /^the layer is larger than \d+ bytes$/],
    ['zstd', [{ content: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), form: 'as-is' }], /compressed with zstd/],
    ['half a gzip', [{ content: gzipSync('x'.repeat(100)).subarray(0, 15), form: 'as-is' }], 'the layer cannot be decompressed'],
  ])('may hold %s', async (_, objects, error) => {
    const registry = await ociRegistry();
    registry.push('a/b', 'v1', objects);
    const told = message(await ask(scene().resolver, `${registry.host}/a/b:v1`));
    if (typeof error === 'string') expect(told).toBe(error);
    else expect(told).toMatch(error);
  });

  it('is what its digest says, or it is refused', async () => {
    const registry = await ociRegistry();
    const content = 'the object that was signed, and no other';
    const digest = registry.push('a/b', 'v1', [{ content, form: 'as-is' }]);
    registry.forge(`sha256:${createHash('sha256').update(content).digest('hex')}`, Buffer.from('another'));
    const { resolver } = scene();
    expect(message(await ask(resolver, `${registry.host}/a/b:v1`))).toMatch(
      /^failed to read image layer: GET .*: what came is sha256:[0-9a-f]{64} and not what was asked for$/,
    );
    registry.forge(digest, Buffer.from('{"layers":[]}'));
    expect(message(await ask(resolver, `${registry.host}/a/b@${digest}`))).toMatch(
      /^cannot retrieve the oci image: .*not what was asked for$/,
    );
  });

  it.each([
    ['nothing of the kind', '<html>', /error: the manifest has no layers$/],
    [
      'layers without digests',
      JSON.stringify({
        layers: [{ annotations: { 'dev.tekton.image.apiVersion': 'v1', 'dev.tekton.image.kind': 'task', 'dev.tekton.image.name': 'it' } }],
      }),
      /error: the layer 0 has no sha256 digest$/,
    ],
    [
      'annotations from the prototype',
      JSON.stringify({ layers: [{ annotations: JSON.parse('{"__proto__": {"dev.tekton.image.apiVersion": "v1"}}') }] }),
      /does not contain a dev\.tekton\.image\.apiVersion annotation$/,
    ],
  ])('may have a manifest of %s', async (_, manifest, error) => {
    const registry = await ociRegistry();
    registry.putManifest('a/b', 'v1', manifest);
    expect(message(await ask(scene().resolver, `${registry.host}/a/b:v1`))).toMatch(error);
  });

  it('of several platforms is that of upstream’s own', async () => {
    const registry = await ociRegistry();
    const digest = registry.push('a/b', 'amd', [{ content: 'amd' }]);
    const other = registry.push('a/b', 'arm', [{ content: 'arm' }]);
    const index = (...children: [string, string][]) =>
      JSON.stringify({ manifests: children.map(([architecture, of]) => ({ digest: of, platform: { os: 'linux', architecture } })) });
    registry.putManifest('a/b', 'both', index(['arm64', other], ['amd64', digest]));
    registry.putManifest('a/b', 'none', index(['arm64', other]));
    const { resolver } = scene();
    const answer = await ask(resolver, `${registry.host}/a/b:both`);
    expect(answer).toMatchObject({ refSource: { digest: { sha256: digest.slice('sha256:'.length) } } });
    expect(message(answer)).toBe('found amd');
    expect(message(await ask(resolver, `${registry.host}/a/b:none`))).toBe(
      'cannot retrieve the oci image: no child with platform linux/amd64 in index',
    );
  });
});

describe('layers as tars', () => {
  const read = (blob: Uint8Array) => {
    const layer = readLayer(blob, 1_000);
    return layer.ok ? new TextDecoder().decode(layer.data) : layer.message;
  };
  const file = (text: string) => ({ name: 'a', content: Buffer.from(text) });

  it('are read whatever their file is called, behind the headers that name it', () => {
    expect(read(tarOf([{ name: '../../etc/passwd', content: Buffer.from('x') }]))).toBe('x');
    expect(read(tarOf([{ name: 'h', content: Buffer.from('30 path=long\n'), type: 'x' }, file('x')]))).toBe('x');
    expect(read(tarOf([{ name: 'h', content: Buffer.from('long'), type: 'L' }, file('x')]))).toBe('x');
  });

  it.each([
    ['a link', tarOf([{ name: 'a', type: '2' }]), 'failed to read tar bundle: its first entry is no plain file'],
    ['a hard link', tarOf([{ name: 'a', type: '1' }]), 'failed to read tar bundle: its first entry is no plain file'],
    ['a device', tarOf([{ name: 'a', type: '3' }]), 'failed to read tar bundle: its first entry is no plain file'],
    ['a folder', tarOf([{ name: 'a/', type: '5' }]), 'failed to read tar bundle: its first entry is no plain file'],
    ['half a file', tarOf([file('x'.repeat(700))]).subarray(0, 1_000), 'failed to read tar bundle: unexpected EOF'],
    ['too large a file', tarOf([file('x'.repeat(1_001))]), 'the object is larger than 1000 bytes'],
  ])('with %s are refused', (_, blob, error) => {
    expect(read(blob)).toBe(error);
  });

  it('that only look like one are read as they are', () => {
    const almost = tarOf([file('x')]);
    almost[0] = 0x62;
    expect(read(almost.subarray(0, 600))).toHaveLength(600);
  });
});

describe('registries that want to know who asks', () => {
  const config = (host: string, auth = 'user:right', key = 'auths') => {
    const entries = { [host]: { auth: Buffer.from(auth).toString('base64') } };
    return key === 'auths' ? { '.dockerconfigjson': JSON.stringify({ auths: entries }) } : { '.dockercfg': JSON.stringify(entries) };
  };
  const pull = (name: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'ns' },
    stringData,
  });
  const account = (name: string, ...secrets: string[]) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'ns' },
    imagePullSecrets: secrets.map((secret) => ({ name: secret })),
  });

  it.each([false, true])('are told by the pull secrets of the question and of its account (basic: %s)', async (basic) => {
    const registry = await ociRegistry({ credentials: 'user:right', basic });
    registry.push('a/b', 'v1', [{ content: 't' }]);
    const { resolver, store } = scene();
    const at = async (more: Readonly<Record<string, string>>) => message(await ask(resolver, `${registry.host}/a/b:v1`, more));
    expect(await at({})).toMatch(/^cannot retrieve the oci image: /);
    await store.create(pull('mine', config(registry.host)));
    await store.create(pull('old', config(registry.host, 'user:right', 'cfg')));
    await store.create(pull('wrong', config(registry.host, 'user:hush')));
    await store.create(account('builder', 'gone', 'mine'));
    expect(await at({ secret: 'mine' })).toBe('found t');
    expect(await at({ secret: 'old' })).toBe('found t');
    expect(await at({ serviceAccount: 'builder' })).toBe('found t');
    const told = await at({ secret: 'wrong' });
    expect(told).toMatch(/^cannot retrieve the oci image: /);
    expect(told).not.toContain('hush');
    await store.create(account('default', 'mine'));
    expect(await at({})).toBe('found t');
  });

  it('are told nothing that is for another', async () => {
    const registry = await ociRegistry({ credentials: 'user:right', basic: true });
    registry.push('a/b', 'v1', [{ content: 't' }]);
    const { resolver, store } = scene();
    const of = async (name: string, key: string) => {
      await store.create(pull(name, config(key)));
      const before = registry.requests.length;
      const told = message(await ask(resolver, `${registry.host}/a/b:v1`, { secret: name }));
      return [told, registry.requests.slice(before).flatMap(({ headers }) => headers.authorization ?? []).length];
    };
    const refused = `cannot retrieve the oci image: ${registry.host} wants to be told who asks, and no pull secret is for it`;
    expect(await of('other', 'registry.test')).toEqual([refused, 0]);
    expect(await of('port', `127.0.0.1:${registry.port + 1}`)).toEqual([refused, 0]);
    expect(await of('longer', `${registry.host}.evil`)).toEqual([refused, 0]);
    expect(await of('path', `${registry.host}/other`)).toEqual([refused, 0]);
    expect((await of('exact', `${registry.host}/a`))[0]).toBe('found t');
    expect((await of('url', `http://${registry.host}/v1/`))[0]).toBe('found t');
  });

  it('give a token to nobody in particular as well', async () => {
    const server = await localServer(({ path, headers }, response) => {
      if (path.startsWith('/token')) response.end(JSON.stringify({ access_token: 'anonymous' }));
      else if (headers.authorization === 'Bearer anonymous') response.writeHead(404, 'Gone').end('{}');
      else response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://127.0.0.1:${server.port}/token",service="s & t"` }).end();
    });
    expect(message(await ask(scene().resolver, `127.0.0.1:${server.port}/a/b:v1`))).toBe(
      `cannot retrieve the oci image: GET http://127.0.0.1:${server.port}/v2/a/b/manifests/v1: 404 Gone`,
    );
    expect(server.requests.map(({ path }) => path)[1]).toBe('/token?service=s+%26+t&scope=repository%3Aa%2Fb%3Apull');
  });

  it.each([
    ['no place to ask', 'Bearer service="x"', /names no place where tokens are to be had$/],
    [
      'a place nobody may ask',
      'Bearer realm="http://169.254.169.254/token"',
      /169\.254\.169\.254 is an address of a cloud's metadata service/,
    ],
    ['a file', 'Bearer realm="file:///etc/passwd"', /its scheme is file/],
    ['nothing', '', /wants to be told who asks, and no pull secret is for it$/],
  ])('may name %s', async (_, challenge, error) => {
    const server = await localServer((_request, response) => response.writeHead(401, { 'WWW-Authenticate': challenge }).end());
    expect(message(await ask(scene().resolver, `127.0.0.1:${server.port}/a/b:v1`))).toMatch(error);
  });

  it('keep their blobs elsewhere, where the token does not go', async () => {
    const store = await localServer(({ headers }, response) => response.end(headers.authorization === undefined ? 't' : 'stolen'));
    const registry = await ociRegistry({ credentials: 'user:right', blobsAt: store.url });
    registry.push('a/b', 'v1', [{ content: 't', form: 'as-is' }]);
    const { resolver, store: objects } = scene();
    await objects.create(pull('mine', config(registry.host)));
    expect(message(await ask(resolver, `${registry.host}/a/b:v1`, { secret: 'mine' }))).toBe('found t');
    expect(store.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it.each([
    [500, 'unsure'],
    [429, 'unsure'],
    [403, 'final'],
    [404, 'final'],
  ])('may be in trouble: %i', async (status, outlook) => {
    const server = await localServer((_request, response) =>
      response.writeHead(status).end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'no\u001b[31m\nreally' }] })),
    );
    expect(await ask(scene().resolver, `127.0.0.1:${server.port}/a/b:v1`)).toEqual({
      ok: false,
      outlook,
      message: `cannot retrieve the oci image: GET http://127.0.0.1:${server.port}/v2/a/b/manifests/v1: DENIED: no [31m really`,
    });
  });
});
