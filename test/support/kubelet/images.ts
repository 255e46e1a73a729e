import { createHash } from 'node:crypto';
import { parseImageReference } from '../../../src/runtimes/sandbox/image-reference.ts';

/** Folders that images were unpacked into, by their full names without tag: `docker.io/library/busybox`. */
export type Images = ReadonlyMap<string, string>;

export type PulledImage =
  | {
      readonly ok: true;
      readonly root: string;
      /** `docker.io/library/busybox:latest`, as the container runtime calls it. */
      readonly name: string;
      readonly id: string;
    }
  /** `again`: whether a pull is tried again, with back-off. */
  | { readonly ok: false; readonly reason: string; readonly message: string; readonly again: boolean };

/** What becomes of an image as a kubelet and containerd word it (kubernetes pkg/kubelet/images/image_manager.go). */
export function pullImage(images: Images, image: string, policy: string | undefined): PulledImage {
  const reference = parseImageReference(image);
  if (reference === undefined) {
    const message = `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name ${JSON.stringify(image)}: invalid reference format`;
    return { ok: false, reason: 'InvalidImageName', message, again: false };
  }
  const root = images.get(reference.name);
  const tail = reference.digest === undefined ? `:${reference.tag ?? 'latest'}` : `@${reference.digest}`;
  const name = `${reference.name}${tail}`;
  if (root !== undefined) {
    const digest = reference.digest ?? `sha256:${createHash('sha256').update(reference.name).digest('hex')}`;
    return { ok: true, root, name, id: `${reference.name}@${digest}` };
  }
  if (policy === 'Never') {
    return {
      ok: false,
      reason: 'ErrImageNeverPull',
      message: `Container image ${JSON.stringify(image)} is not present with pull policy of Never`,
      again: false,
    };
  }
  const message = `failed to pull and unpack image ${JSON.stringify(name)}: failed to resolve reference ${JSON.stringify(name)}: ${name}: not found`;
  return { ok: false, reason: 'ErrImagePull', message, again: true };
}
