/** An image as registries name it. */
export interface ImageReference {
  /** With a port: `index.docker.io`, `localhost:5000`. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` when nothing is said; a digest goes before it. */
  readonly tag: string;
  readonly digest?: string | undefined;
}

export type ReferenceParse = { readonly ok: true; readonly reference: ImageReference } | { readonly ok: false; readonly message: string };

const REPOSITORY = /^[a-z0-9_./-]{2,255}$/;
const TAG = /^[A-Za-z0-9_.-]{1,128}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** Follows github.com/google/go-containerregistry pkg/name, `ParseReference`, with Docker Hub for what names no registry. */
export function parseImageReference(text: string): ReferenceParse {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) return refused(`${text}: the digest is no sha256: and 64 hexadecimal digits`);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : 'latest';
  if (!TAG.test(tag)) return refused(`${text}: the tag consists of letters, digits, "_", "-" and "."`);
  const path = hasTag ? named.slice(0, colon) : named;

  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(0, slash));
  const namesRegistry = slash > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = namesRegistry ? first : 'index.docker.io';
  const rest = namesRegistry ? path.slice(slash + 1) : path;
  const docker = registry === 'docker.io' || registry === 'index.docker.io';
  const repository = docker && !rest.includes('/') ? `library/${rest}` : rest;
  if (!HOST.test(registry)) return refused(`${text}: the registry is no host`);
  // Segments of the registry's URLs, and no way to other ones.
  if (!REPOSITORY.test(rest) || rest.split('/').some((segment) => /^\.{0,2}$/.test(segment)))
    return refused(`${text}: the repository consists of small letters, digits, "_", "-", "." and "/"`);
  return {
    ok: true,
    reference: { registry: docker ? 'index.docker.io' : registry, repository, tag, ...(digest !== undefined && { digest }) },
  };
}

function refused(why: string): ReferenceParse {
  return { ok: false, message: `could not parse reference: ${why}` };
}

/** `registry/repository`, as sources are named. */
export function repositoryName({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

/** Registries of this machine and of private networks speak plain HTTP, all others HTTPS. As go-containerregistry has it. */
export function registryScheme(registry: string): 'http' | 'https' {
  const host = registry.replace(/:\d+$/, '');
  const isLocal =
    host === 'localhost' ||
    host === '127.0.0.1' ||
    host === '[::1]' ||
    /\.local(?:host)?$/.test(host) ||
    /^(?:10|192\.168)\.[\d.]+$/.test(host) ||
    /^172\.(?:1[6-9]|2\d|3[01])\.[\d.]+$/.test(host);
  return isLocal ? 'http' : 'https';
}
