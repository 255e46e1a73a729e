import { join } from 'node:path';
import type { OutboundPolicy } from '../http/destination.ts';
import { locate } from '../http/destination.ts';
import { systemResolve } from '../http/resolve-name.ts';
import type { Http } from '../ports/http.ts';
import type { Locate } from '../ports/outbound.ts';
import type { Backoff, Resolver } from '../ports/resolver.ts';
import type { Store } from '../ports/store.ts';
import { createBundlesResolver } from '../resolvers/bundles/create-bundles-resolver.ts';
import { createClusterResolver } from '../resolvers/cluster/create-cluster-resolver.ts';
import type { GitResolverConfig, ScmConfig } from '../resolvers/git/config.ts';
import { createGitResolver } from '../resolvers/git/create-git-resolver.ts';
import { createHttpResolver } from '../resolvers/http/create-http-resolver.ts';
import { createHubResolver } from '../resolvers/hub/create-hub-resolver.ts';
import { parseDuration } from '../resources/duration.ts';
import type { ResolverSettings } from './resolver-settings.ts';
import type { EngineResolvers } from './start-engine.ts';
import { lookUpSecret } from './store-secrets.ts';

export interface ResolversOptions {
  readonly settings: ResolverSettings;
  readonly store: Store;
  readonly http: Http;
  readonly outbound: OutboundPolicy;
  readonly dataDir: string;
}

const defaultScm = {
  'default-url': 'https://github.com/tektoncd/catalog.git',
  'default-revision': 'main',
  'scm-type': 'github',
  'api-token-secret-namespace': 'default',
};

/** The resolvers as the settings want them; one that they turn off says so to whoever asks. */
export async function createResolvers({ settings, store, http, outbound, dataDir }: ResolversOptions): Promise<EngineResolvers> {
  const secrets = lookUpSecret(store);
  const boundSecretsOnly = settings.requireBoundSecrets;
  const bundles = settings['bundleresolver-config'];
  const cluster = settings['cluster-resolver-config'];
  const resolvers = [
    await createGitResolver({
      http,
      locate: locateBy(outbound),
      secrets,
      config: gitConfig(settings),
      directory: join(dataDir, 'resolvers', 'git'),
    }),
    createHttpResolver({ http, secrets, fetchTimeoutMs: settings['http-resolver-config']['fetch-timeout'], boundSecretsOnly }),
    createHubResolver({ http, config: hubConfig(settings) }),
    createBundlesResolver({
      http,
      store,
      secrets,
      config: {
        defaultServiceAccount: bundles['default-service-account'],
        defaultKind: bundles['default-kind'],
        fetchTimeoutMs: bundles['fetch-timeout'],
        backoff: backoffOf(bundles),
        caching: cachingOf(bundles),
      },
    }),
    createClusterResolver({
      store,
      config: {
        defaultKind: cluster['default-kind'],
        defaultNamespace: cluster['default-namespace'],
        allowedNamespaces: cluster['allowed-namespaces'],
        blockedNamespaces: cluster['blocked-namespaces'],
        caching: cachingOf(cluster),
      },
    }),
  ];
  const cache = settings['resolver-cache-config'];
  return {
    resolvers: resolvers.map((resolver) => unlessOff(resolver, settings)),
    cache: { maxSize: cache['max-size'], ttlMs: cache.ttl },
    requirePinned: settings.requirePinned,
  };
}

function unlessOff(resolver: Resolver, settings: ResolverSettings): Resolver {
  const flag = `enable-${resolver.type}-resolver`;
  const isOn = Object.entries(settings['resolvers-feature-flags']).some(([name, value]) => name === flag && value);
  return isOn ? resolver : { ...resolver, check: () => `cannot handle resolution request, ${flag} feature flag not true` };
}

/** Git connects by itself, so it is told where to. */
function locateBy(policy: OutboundPolicy): Locate {
  return async (text) => {
    if (!URL.canParse(text)) return { ok: false, code: 'Malformed', message: `${text.slice(0, 100)} is no URL` };
    const located = await locate(new URL(text), { policy, privateNetwork: false, resolve: systemResolve });
    if (located.ok) return { ok: true, addresses: located.addresses.map(({ address }) => address) };
    return { ok: false, code: located.code === 'Refused' ? 'Refused' : 'Unreachable', message: located.message };
  };
}

function gitConfig(settings: ResolverSettings): GitResolverConfig {
  const config = settings['git-resolver-config'];
  const blocks = new Map<string, Map<string, string>>([['default', new Map(Object.entries(defaultScm))]]);
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== 'string') continue;
    const dot = key.indexOf('.');
    const [id, name] = dot < 0 ? ['default', key] : [key.slice(0, dot), key.slice(dot + 1)];
    blocks.set(id, (blocks.get(id) ?? new Map()).set(name, value));
  }
  return {
    scms: new Map([...blocks].map(([id, block]) => [id, scmConfig(block)])),
    backoff: backoffOf(config),
    caching: cachingOf(config),
    allowFileUrls: settings.allowFileUrls,
    boundSecretsOnly: settings.requireBoundSecrets,
  };
}

function scmConfig(block: ReadonlyMap<string, string>): ScmConfig {
  const text = (key: string): string => block.get(key) ?? '';
  return {
    fetchTimeoutMs: block.has('fetch-timeout') ? parseDuration(text('fetch-timeout')) : undefined,
    defaultUrl: text('default-url'),
    defaultRevision: text('default-revision'),
    defaultOrg: text('default-org'),
    serverUrl: text('server-url'),
    scmType: text('scm-type'),
    apiTokenSecretName: text('api-token-secret-name'),
    apiTokenSecretKey: text('api-token-secret-key'),
    apiTokenSecretNamespace: text('api-token-secret-namespace') || 'default',
  };
}

function hubConfig(settings: ResolverSettings): Parameters<typeof createHubResolver>[0]['config'] {
  const config = settings['hubresolver-config'];
  return {
    defaultTektonHubCatalog: config['default-tekton-hub-catalog'],
    defaultArtifactHubTaskCatalog: config['default-artifact-hub-task-catalog'],
    defaultArtifactHubPipelineCatalog: config['default-artifact-hub-pipeline-catalog'],
    defaultKind: config['default-kind'],
    defaultType: config['default-type'],
    artifactHubUrls: config['artifact-hub-urls'],
    tektonHubUrls: config['tekton-hub-urls'],
  };
}

function backoffOf(config: ResolverSettings['bundleresolver-config'] | ResolverSettings['git-resolver-config']): Backoff {
  return {
    durationMs: config['backoff-duration'],
    factor: config['backoff-factor'],
    steps: config['backoff-steps'],
    capMs: config['backoff-cap'],
  };
}

function cachingOf(config: { readonly 'default-cache-mode'?: string | undefined; readonly ttl?: number | undefined }) {
  return { mode: config['default-cache-mode'], ttlMs: config.ttl };
}
