import { realpathSync } from 'node:fs';
import type { PlannedVolume } from '../../tasks/pod-plan.ts';
import { isBelow } from './confined-path.ts';
import { ContainerConfigError } from './environment.ts';
import { type ImageMap, serveImage } from './image-map.ts';

type ImageVolume = Extract<PlannedVolume, { readonly type: 'image' }>;

/** Where the unpacked root of an image volume really lies. Throws `ContainerConfigError`. `dataDir`: as of `HostPathPolicy`. */
export function resolveImageVolume({ name, reference }: ImageVolume, imageMap: ImageMap, dataDir: string): string {
  const refuse = (why: string): ContainerConfigError => new ContainerConfigError(`volume ${JSON.stringify(name)}: ${why}`);
  const served = serveImage(imageMap, reference);
  if (served.type === 'refused') throw refuse(served.message);
  const { pattern, serves } = served.by;
  if (serves === 'host') {
    throw refuse(
      `image ${reference}: this machine's own programs stand for it; a volume needs an unpacked root: --image-map '${pattern}=/path/to/unpacked/root'`,
    );
  }
  let root: string;
  try {
    root = realpathSync(serves);
  } catch (error) {
    throw refuse(`image ${reference}: --image-map ${pattern}=${serves}: ${error instanceof Error ? error.message : String(error)}`);
  }
  // As a container's root it would be covered there; a volume has no place for that.
  if (isBelow(root, dataDir)) throw refuse(`image ${reference}: the server's own data is never mounted, and it lies below ${serves}`);
  return root;
}
