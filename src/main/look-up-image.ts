import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Store } from '../ports/store.ts';
import { imageManifest } from '../registry/image-manifest.ts';
import { type ImageReference, parseImageReference, repositoryName } from '../registry/image-reference.ts';
import { member, parseJson } from '../registry/json.ts';
import { credentialsFor } from '../registry/keychain.ts';
import { Registry } from '../registry/registry.ts';
import type { ImageLookup } from '../runtimes/kubernetes/kubernetes-runtime.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';
import { lookUpSecret } from './store-secrets.ts';

export interface ImageLookupOptions {
  readonly http: Http;
  readonly store: Store;
  readonly clock: Clock;
}

const TIMEOUT_MS = 30_000;
const MOST_CONFIG_BYTES = 4 * 1024 * 1024;
/** As upstream's cache. */
const MOST_KEPT = 1024;
/** A tag may lead elsewhere tomorrow; a digest never does. */
const KEEP_TAG_MS = 60_000;

/**
 * What an image runs of itself, asked of its registry with the pull secrets of the pod's template and service account. Kept by digest for good, and by tag
 * for a minute. Source: tektoncd/pipeline pkg/pod/entrypoint_lookup_impl.go.
 */
export function imageLookup(options: ImageLookupOptions): (image: string, plan: PodPlan) => Promise<ImageLookup> {
  const { clock } = options;
  const kept = new Map<string, { readonly found: ImageLookup; readonly until: number }>();
  return async (image, plan) => {
    const parsed = parseImageReference(image);
    if (!parsed.ok) return { ok: false, reason: 'InvalidImageName', message: parsed.message };
    // What one account may pull is nothing that another may know.
    const key = [plan.namespace, plan.serviceAccountName, image].join('\n');
    const known = kept.get(key);
    if (known !== undefined && known.until > clock.now()) return known.found;
    const found = await ask(parsed.reference, plan, options);
    if (found.ok) {
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, { found, until: parsed.reference.digest === undefined ? clock.now() + KEEP_TAG_MS : Number.POSITIVE_INFINITY });
    }
    return found;
  };
}

async function ask(
  image: ImageReference,
  { namespace, serviceAccountName, podTemplate }: PodPlan,
  { http, store }: ImageLookupOptions,
): Promise<ImageLookup> {
  const secrets = podTemplate?.imagePullSecrets?.map(({ name = '' }) => name) ?? [];
  const credentials = await credentialsFor(
    image,
    { namespace, serviceAccount: serviceAccountName, secrets },
    { store, secrets: lookUpSecret(store) },
  );
  const registry = new Registry({ http, image, credentials, timeoutMs: TIMEOUT_MS, signal: AbortSignal.timeout(2 * TIMEOUT_MS) });
  const manifest = await imageManifest(registry, image.digest ?? image.tag);
  if (!manifest.ok) return failed(image, manifest.message);
  const digest = member(member(parseJson(manifest.body), 'config'), 'digest');
  if (typeof digest !== 'string') return failed(image, 'its manifest names no configuration');
  const config = await registry.blob(digest, MOST_CONFIG_BYTES);
  if (!config.ok) return failed(image, config.message);
  const runs = member(parseJson(config.body), 'config');
  return { ok: true, command: { entrypoint: texts(member(runs, 'Entrypoint')), cmd: texts(member(runs, 'Cmd')) } };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

/** Upstream's words. */
function failed(image: ImageReference, why: string): ImageLookup {
  return { ok: false, reason: 'ErrImagePull', message: `failed to get the entrypoint of image ${repositoryName(image)}: ${why}` };
}
