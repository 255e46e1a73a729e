import type { Http } from '../../ports/http.ts';
import { type Backoff, mostBytes, type Resolution, type Resolver, type ResolverRequest } from '../../ports/resolver.ts';
import { imageManifest } from '../../registry/image-manifest.ts';
import { type ImageReference, parseImageReference, repositoryName } from '../../registry/image-reference.ts';
import { credentialsFor, type KeychainOptions } from '../../registry/keychain.ts';
import { Registry } from '../../registry/registry.ts';
import { paramTexts } from '../../resources/param-texts.ts';
import { annotationsOf, type BundleLayer, readManifest } from './manifest.ts';
import { readLayer } from './read-layer.ts';

/** Upstream's ConfigMap bundleresolver-config. */
export interface BundlesResolverConfig {
  readonly defaultServiceAccount: string;
  readonly defaultKind: string;
  readonly fetchTimeoutMs: number;
  readonly backoff: Backoff;
  readonly caching: { readonly mode: string | undefined; readonly ttlMs: number | undefined };
}

export interface BundlesResolverOptions extends KeychainOptions {
  readonly http: Http;
  readonly config: BundlesResolverConfig;
}

type Failure = Extract<Resolution, { readonly ok: false }>;

/** An object of a Tekton bundle in an OCI registry. Follows tektoncd/pipeline pkg/resolution/resolver/bundle. */
export function createBundlesResolver(options: BundlesResolverOptions): Resolver {
  const { config } = options;
  return {
    type: 'bundles',
    title: 'bundleresolver',
    concurrency: 16,
    backoff: config.backoff,
    caching: config.caching,
    check: (request) => {
      const asked = readParams(request, config);
      return typeof asked === 'string' ? asked : undefined;
    },
    pinning: ({ params }) => (paramTexts(params).get('bundle')?.includes('@sha256:') ? 'pinned' : 'moving'),
    timeoutMs: () => config.fetchTimeoutMs,
    async resolve(request, signal) {
      const asked = readParams(request, config);
      return typeof asked === 'string' ? failed(asked) : fetchObject(request.namespace, asked, signal, options);
    },
  };
}

interface Asked {
  readonly serviceAccount: string;
  readonly secret: string;
  readonly bundle: string;
  readonly image: ImageReference;
  readonly name: string;
  readonly kind: string;
}

/** The params with their defaults, or what is wrong with them. */
function readParams({ params }: ResolverRequest, config: BundlesResolverConfig): Asked | string {
  const given = paramTexts(params);
  const bundle = given.get('bundle') ?? '';
  if (bundle === '') return 'parameter "bundle" required';
  const parsed = parseImageReference(bundle);
  if (!parsed.ok) return `invalid bundle reference: ${parsed.message}`;
  const name = given.get('name') ?? '';
  if (name === '') return 'parameter "name" required';
  return {
    serviceAccount: given.get('serviceAccount') || config.defaultServiceAccount,
    secret: given.get('secret') ?? '',
    bundle,
    image: parsed.reference,
    name,
    kind: given.get('kind') || config.defaultKind,
  };
}

async function fetchObject(namespace: string, asked: Asked, signal: AbortSignal, options: BundlesResolverOptions): Promise<Resolution> {
  const { image } = asked;
  const credentials = await credentialsFor(image, { ...asked, namespace, secrets: [asked.secret] }, options);
  const registry = new Registry({ http: options.http, image, credentials, timeoutMs: options.config.fetchTimeoutMs, signal });
  const fetched = await imageManifest(registry, image.digest ?? image.tag);
  if (!fetched.ok) return { ...fetched, message: `cannot retrieve the oci image: ${fetched.message}` };
  const manifest = readManifest(fetched.body);
  if (typeof manifest === 'string') return failed(`invalid tekton bundle ${asked.bundle}, error: ${manifest}`);

  const layer = manifest.find(({ kind, name }) => kind.toLowerCase() === asked.kind.toLowerCase() && name === asked.name);
  if (layer === undefined) return failed(`could not find object in image with kind: ${asked.kind} and name: ${asked.name}`);
  const object = await fetchLayer(registry, layer);
  if (!object.ok) return object;
  return {
    ok: true,
    data: object.data,
    refSource: { uri: repositoryName(image), digest: { sha256: fetched.digest.slice('sha256:'.length) }, entryPoint: asked.name },
    annotations: annotationsOf(layer),
    // `latest` is meant to move.
    ...(image.digest === undefined && image.tag !== 'latest' && { tag: `tag ${image.tag} of ${repositoryName(image)}` }),
  };
}

async function fetchLayer(
  registry: Registry,
  { digest, size }: BundleLayer,
): Promise<{ readonly ok: true; readonly data: Uint8Array } | Failure> {
  if (size > mostBytes) return failed(`failed to read image layer: it is larger than ${mostBytes} bytes`);
  const fetched = await registry.blob(digest, mostBytes);
  if (!fetched.ok) return { ...fetched, message: `failed to read image layer: ${fetched.message}` };
  const read = readLayer(fetched.body, mostBytes);
  return read.ok ? read : failed(read.message);
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
