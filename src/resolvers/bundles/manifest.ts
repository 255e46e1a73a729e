import { DIGEST } from '../../registry/image-manifest.ts';
import { member, parseJson } from '../../registry/json.ts';

/** One object of a bundle, as its layer's descriptor says. */
export interface BundleLayer {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

const MOST_LAYERS = 20;
const prefix = 'dev.tekton.image.';

/** What resolvers say of what they fetched. */
export function annotationsOf({ apiVersion, kind, name }: BundleLayer): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ kind, name, apiVersion }).map(([key, value]) => [`resolution.tekton.dev/${prefix}${key}`, value]),
  );
}

/** The layers of a bundle, or why it is none. Follows tektoncd/pipeline pkg/resolution/resolver/bundle/bundle.go, `checkImageCompliance`. */
export function readManifest(body: Uint8Array): readonly BundleLayer[] | string {
  const layers = member(parseJson(body), 'layers');
  if (!Array.isArray(layers)) return 'the manifest has no layers';
  if (layers.length > MOST_LAYERS) return `contained more than the maximum ${MOST_LAYERS} allow objects`;
  const found: BundleLayer[] = [];
  for (const [index, layer] of (layers as readonly unknown[]).entries()) {
    const annotations = member(layer, 'annotations');
    const texts = new Map<string, string>();
    for (const key of ['apiVersion', 'name', 'kind']) {
      const value = member(annotations, prefix + key);
      if (typeof value !== 'string') return `the layer ${index} does not contain a ${prefix}${key} annotation`;
      texts.set(key, value);
    }
    const { apiVersion = '', kind = '', name = '' } = Object.fromEntries(texts);
    if (kind.toLowerCase().replace(/s$/, '') !== kind)
      return `the layer ${index} the annotation ${prefix}kind must be lowercased and singular, found ${kind}`;
    const [digest, size] = [member(layer, 'digest'), member(layer, 'size')];
    if (typeof digest !== 'string' || !DIGEST.test(digest)) return `the layer ${index} has no sha256 digest`;
    found.push({ apiVersion, kind, name, digest, size: typeof size === 'number' ? size : 0 });
  }
  return found;
}
