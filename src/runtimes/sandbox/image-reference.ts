/** An image's name taken apart as Docker does: `busybox` is `docker.io/library/busybox`. */
export interface ImageReference {
  /** With registry and without tag and digest: `docker.io/library/busybox`. */
  readonly name: string;
  readonly tag?: string | undefined;
  /** `sha256:…` */
  readonly digest?: string | undefined;
}

// After distribution/reference: registry, path components, tag, digest. No nested repetition, so matching is linear.
const registry = /^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const component = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagForm = /^[\w][\w.-]{0,127}$/;
const digestForm = /^[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,}$/;
const LONGEST_NAME = 255;

/** `undefined` for what no registry could serve; Kubernetes calls it `InvalidImageName`. */
export function parseImageReference(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !digestForm.test(digest)) return undefined;
  const rest = at < 0 ? text : text.slice(0, at);

  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagForm.test(tag)) return undefined;

  const name = fullName(colon < 0 ? rest : rest.slice(0, colon));
  const [host = '', ...path] = name.split('/');
  if (name.length > LONGEST_NAME || !registry.test(host) || path.length === 0 || !path.every((part) => component.test(part)))
    return undefined;
  return { name, tag, digest };
}

/** Names by which people write one image, the most common first: `busybox`, `library/busybox`, `docker.io/library/busybox`. */
export function spellings({ name }: ImageReference): readonly string[] {
  const official = 'docker.io/library/';
  if (name.startsWith(official))
    return [name.slice(official.length), name.slice('docker.io/'.length), `docker.io/${name.slice(official.length)}`, name];
  return name.startsWith('docker.io/') ? [name.slice('docker.io/'.length), name] : [name];
}

function fullName(written: string): string {
  const name = written.replace(/^index\.docker\.io\//, 'docker.io/');
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = first === 'localhost' || /[.:[]/.test(first) || first !== first.toLowerCase();
  if (!hasRegistry) return slash < 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
  return first === 'docker.io' && !name.includes('/', slash + 1) ? `docker.io/library/${name.slice(slash + 1)}` : name;
}
