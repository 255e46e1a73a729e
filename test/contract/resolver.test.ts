import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseAllowRule } from '../../src/http/allow-rule.ts';
import { createHttp } from '../../src/http/create-http.ts';
import type { OutboundPolicy } from '../../src/http/destination.ts';
import { createResolvers } from '../../src/main/create-resolvers.ts';
import { resolversSchema } from '../../src/main/resolver-settings.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { mostBytes, type Resolver, type ResolverRequest } from '../../src/ports/resolver.ts';
import type { Store } from '../../src/ports/store.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from '../support/counting-ids.ts';
import { fakeResolver } from '../support/fake-resolver.ts';
import { gitServer, testRepository, withoutGit } from '../support/git-server.ts';
import { localServer } from '../support/local-server.ts';
import { ociRegistry } from '../support/oci-registry.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { resolverContract } from './resolver.contract.ts';

const namespace = 'ns';
const request = (params: Readonly<Record<string, string>>): ResolverRequest => ({
  namespace,
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});
const text = JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'it' }, spec: { steps: [{ image: 'i' }] } });
const large = 'x'.repeat(mostBytes + 1);
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

interface Made {
  readonly resolver: Resolver;
  readonly store: Store;
  /** Of the git resolver's folder. */
  readonly files: () => number;
}

/** A resolver as the server makes it; it may call loopback. */
async function made(type: string, settings: unknown = {}): Promise<Made> {
  const { store } = openMemory({ clock: systemClock, ids: countingIds() });
  const rule = parseAllowRule('127.0.0.1');
  const outbound: OutboundPolicy = { allow: rule === undefined ? [] : [rule], allowPrivate: false };
  const http = createHttp({ outbound, clock: systemClock });
  onTestFinished(() => http.close());
  const dataDir = temporaryDirectory();
  const { resolvers } = await createResolvers({ settings: resolversSchema.parse(settings), store, http, outbound, dataDir });
  const resolver = resolvers.find((each) => each.type === type);
  if (resolver === undefined) throw new Error(`no resolver ${type}`);
  const secret = (name: string, annotations: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, annotations },
    stringData: { token: 'hush-hush', password: 'hush-hush' },
  });
  await store.create(secret('open', {}));
  await store.create(secret('foreign', { 'tappet.dev/hosts': 'elsewhere.test' }));
  const files = (): number => {
    try {
      return readdirSync(join(dataDir, 'resolvers', 'git')).length;
    } catch {
      return 0;
    }
  };
  return { resolver, store, files };
}

resolverContract('fake', {
  lacks: ['tooLarge', 'metadata', 'secret', 'foreignSecret'],
  async open() {
    const resolver = fakeResolver('fake', {
      it: { resource: text, digest: sha256(text) },
      'it@1': { resource: text, digest: sha256(text) },
      slow: { hangs: true },
      down: { trouble: 99, afterwards: { resource: text } },
    });
    return {
      resolver,
      found: request({ name: 'it' }),
      text,
      source: 'fake:it',
      missing: request({ name: 'nothing' }),
      wrong: request({}),
      hanging: request({ name: 'slow' }),
      unreachable: request({ name: 'down' }),
      pinned: request({ name: 'it@1' }),
      leftovers: () => resolver.open,
    };
  },
});

resolverContract('http', {
  async open() {
    const { resolver } = await made('http');
    const server = await localServer(({ path, headers }, response) => {
      if (path === '/it') response.end(text);
      else if (path === '/large') response.end(large);
      else if (path === '/secret') response.writeHead(headers.authorization === undefined ? 401 : 403).end();
      else if (path !== '/slow') response.writeHead(404).end();
    });
    const gone = await localServer(() => {});
    await gone.stop();
    const at = (path: string, more: Readonly<Record<string, string>> = {}) => request({ url: `${server.url}${path}`, ...more });
    const login = (secret: string) => ({ 'http-username': 'user', 'http-password-secret': secret });
    return {
      resolver,
      found: at('/it'),
      text,
      source: `${server.url}/it`,
      missing: at('/nothing'),
      wrong: request({ url: 'file:///etc/passwd' }),
      tooLarge: at('/large'),
      hanging: at('/slow'),
      unreachable: request({ url: gone.url }),
      metadata: request({ url: 'http://169.254.169.254/latest/meta-data/' }),
      secret: { request: at('/secret', login('open')), text: 'hush-hush' },
      foreignSecret: at('/secret', login('foreign')),
      pinned: at('/it', { digest: `sha256:${sha256(text)}` }),
      // A kept connection that rests is no leftover.
      leftovers: () => (server.requests.at(-1)?.path === '/slow' ? server.open : 0),
    };
  },
});

resolverContract('hub', {
  lacks: ['tooLarge', 'secret', 'foreignSecret', 'pinned'],
  async open() {
    const server = await localServer(({ path }, response) => {
      const json = (value: unknown) => response.end(JSON.stringify(value));
      if (path.startsWith('/api/v1/packages/tekton-task/tekton-catalog-tasks/slow')) return;
      if (path.endsWith('/it')) json({ available_versions: [{ version: '0.1.0' }, { version: '0.2.0' }] });
      else if (path.endsWith('/it/0.1.0')) json({ data: { manifestRaw: text } });
      else if (path.endsWith('/large')) json({ available_versions: [{ version: '1.0.0' }] });
      else response.writeHead(404).end();
    });
    const gone = await localServer(() => {});
    await gone.stop();
    const { resolver } = await made('hub', { 'hubresolver-config': { 'artifact-hub-urls': [server.url] } });
    return {
      resolver,
      found: request({ name: 'it', version: '0.1' }),
      text,
      source: `${server.url}/api/v1/packages/tekton-task/tekton-catalog-tasks/it/0.1.0`,
      missing: request({ name: 'nothing', version: '0.1' }),
      wrong: request({ name: '..', version: '0.1' }),
      hanging: request({ name: 'slow', version: '0.1' }),
      unreachable: request({ name: 'it', version: '0.1', url: gone.url }),
      metadata: request({ name: 'it', version: '0.1', url: 'http://169.254.169.254' }),
      leftovers: () => (server.requests.at(-1)?.path.includes('/slow') ? server.open : 0),
    };
  },
});

resolverContract('bundles', {
  lacks: ['foreignSecret'],
  async open() {
    const { resolver, store } = await made('bundles', { 'bundleresolver-config': { 'backoff-steps': 1 } });
    const registry = await ociRegistry();
    const guarded = await ociRegistry({ credentials: 'user:right' });
    const slow = await localServer(() => {});
    const gone = await localServer(() => {});
    await gone.stop();
    const digest = registry.push('org/bundle', 'v1', [{ name: 'other', content: '{}' }, { content: text }]);
    registry.push('org/large', 'v1', [{ content: large }]);
    const config = (host: string) => JSON.stringify({ auths: { [host]: { auth: Buffer.from('user:hush-hush').toString('base64') } } });
    const pull = (name: string, host: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData: { '.dockerconfigjson': config(host) },
    });
    await store.create(pull('pull', guarded.host));
    const at = (bundle: string, more: Readonly<Record<string, string>> = {}) => request({ bundle, name: 'it', ...more });
    return {
      resolver,
      found: at(`${registry.host}/org/bundle:v1`),
      text,
      source: `${registry.host}/org/bundle`,
      missing: at(`${registry.host}/org/nothing:v1`),
      wrong: at('UPPER/case:tag'),
      tooLarge: at(`${registry.host}/org/large:v1`),
      hanging: at(`127.0.0.1:${slow.port}/org/bundle:v1`),
      unreachable: at(`127.0.0.1:${gone.port}/org/bundle:v1`),
      metadata: at('169.254.169.254/org/bundle:v1'),
      secret: { request: at(`${guarded.host}/org/bundle:v1`, { secret: 'pull' }), text: 'hush-hush' },
      pinned: at(`${registry.host}/org/bundle@${digest}`),
      leftovers: () => slow.open,
    };
  },
});

resolverContract('cluster', {
  lacks: ['tooLarge', 'hanging', 'unreachable', 'metadata', 'secret', 'foreignSecret', 'pinned'],
  async open() {
    const { resolver, store } = await made('cluster');
    const task = JSON.parse(text);
    const stored = await store.create({ ...task, metadata: { name: 'it', namespace: 'library' } });
    return {
      resolver,
      found: request({ name: 'it', namespace: 'library' }),
      text: JSON.stringify(stored),
      source: `/apis/tekton.dev/v1/namespaces/library/task/it@${stored.metadata.uid}`,
      missing: request({ name: 'nothing', namespace: 'library' }),
      wrong: request({ name: 'it', namespace: 'library', kind: 'secret' }),
      leftovers: () => 0,
    };
  },
});

resolverContract('git', {
  unavailable: withoutGit,
  async open() {
    const { resolver, files } = await made('git', { 'git-resolver-config': { 'backoff-steps': 1 } });
    const repository = testRepository();
    const commit = repository.commit({ 'tasks/it.yaml': text, 'large.yaml': large });
    const server = await gitServer({ root: repository.root });
    const guarded = await gitServer({ root: repository.root, credentials: 'git:right' });
    const slow = await localServer(() => {});
    const gone = await localServer(() => {});
    await gone.stop();
    const at = (more: Readonly<Record<string, string>>) =>
      request({ url: `${server.url}/repo.git`, revision: 'main', pathInRepo: 'tasks/it.yaml', ...more });
    return {
      resolver,
      found: at({}),
      text,
      source: `git+${server.url}/repo.git`,
      missing: at({ pathInRepo: 'tasks/nothing.yaml' }),
      wrong: at({ revision: '--upload-pack=touch /tmp/x' }),
      tooLarge: at({ pathInRepo: 'large.yaml' }),
      hanging: at({ url: `${slow.url}/repo.git` }),
      unreachable: at({ url: `${gone.url}/repo.git` }),
      metadata: at({ url: 'http://169.254.169.254/repo.git' }),
      secret: { request: at({ url: `${guarded.url}/repo.git`, gitToken: 'open' }), text: 'hush-hush' },
      foreignSecret: at({ url: `${guarded.url}/repo.git`, gitToken: 'foreign' }),
      pinned: at({ revision: commit }),
      leftovers: () => files() + slow.open,
    };
  },
});

resolverContract('git through a forge’s API', {
  lacks: ['tooLarge', 'secret'],
  async open() {
    const { resolver } = await made('git', { 'git-resolver-config': { 'backoff-steps': 1 } });
    const sha = 'a'.repeat(40);
    const server = await localServer(({ path, headers }, response) => {
      const json = (value: unknown) => response.end(JSON.stringify(value));
      if (path.includes('/slow/')) return;
      if (headers.authorization !== 'Bearer hush-hush') response.writeHead(401).end();
      else if (path === '/api/v3/repos/org/repo/commits/main' || path === `/api/v3/repos/org/repo/commits/${sha}`) json({ sha });
      else if (path === `/api/v3/repos/org/repo/contents/tasks/it.yaml?ref=${sha}`)
        json({ encoding: 'base64', content: Buffer.from(text).toString('base64') });
      else if (path === '/api/v3/repos/org/repo') json({ clone_url: 'https://forge.test/org/repo.git' });
      else response.writeHead(404).end();
    });
    const gone = await localServer(() => {});
    await gone.stop();
    const at = (more: Readonly<Record<string, string>>) =>
      request({ org: 'org', repo: 'repo', revision: 'main', pathInRepo: 'tasks/it.yaml', serverURL: server.url, token: 'open', ...more });
    return {
      resolver,
      found: at({}),
      text,
      source: 'git+https://forge.test/org/repo.git',
      missing: at({ pathInRepo: 'tasks/nothing.yaml' }),
      wrong: at({ url: 'https://x.test/y' }),
      hanging: at({ org: 'slow' }),
      unreachable: at({ serverURL: gone.url }),
      metadata: at({ serverURL: 'http://169.254.169.254' }),
      foreignSecret: at({ token: 'foreign' }),
      pinned: at({ revision: sha }),
      leftovers: () => (server.requests.at(-1)?.path.includes('/slow/') ? server.open : 0),
    };
  },
});
