import { member, parseJson } from './json.ts';
import type { Registry } from './registry.ts';

export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The manifest of an image; of one for several platforms, that for linux/amd64, upstream's own. */
export async function imageManifest(registry: Registry, reference: string): ReturnType<Registry['manifest']> {
  const fetched = await registry.manifest(reference);
  if (!fetched.ok) return fetched;
  const children = member(parseJson(fetched.body), 'manifests');
  if (!Array.isArray(children)) return fetched;
  const chosen = children.map(digestForLinux).find((digest) => digest !== undefined);
  if (chosen !== undefined) return registry.manifest(chosen);
  return { ok: false, outlook: 'final', message: 'no child with platform linux/amd64 in index' };
}

function digestForLinux(child: unknown): string | undefined {
  const [platform, digest] = [member(child, 'platform'), member(child, 'digest')];
  const isOurs = member(platform, 'os') === 'linux' && member(platform, 'architecture') === 'amd64';
  return isOurs && typeof digest === 'string' && DIGEST.test(digest) ? digest : undefined;
}
