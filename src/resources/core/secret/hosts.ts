/** A place a secret is for: a host, with a port or without, and for Tekton's annotations a scheme and the beginning of a path. */
interface Place {
  readonly scheme?: string | undefined;
  readonly host: string;
  readonly port?: string | undefined;
  readonly path: string;
}

/** Ours: hosts separated by commas. Tekton's: a URL each, meant for the credentials of steps and true here as well. */
const ownAnnotation = 'tappet.dev/hosts';
const tektonAnnotation = /^tekton\.dev\/(?:git|docker)-/;

/**
 * Whether a secret may be sent to a URL: `bound` to its host, `unbound` when it does not say what it is for, else the hosts it is for.
 * A secret that names a host is sent nowhere else, whatever the params of a run say.
 */
export function secretBinding(annotations: Readonly<Record<string, string>>, url: URL): 'bound' | 'unbound' | readonly string[] {
  const places: Place[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    if (key === ownAnnotation) places.push(...value.split(',').flatMap(hostPlace));
    else if (tektonAnnotation.test(key)) places.push(...urlPlace(value));
  }
  const isSaid = Object.keys(annotations).some((key) => key === ownAnnotation || tektonAnnotation.test(key));
  if (!isSaid) return 'unbound';
  return places.some((place) => contains(place, url)) ? 'bound' : [...new Set(places.map(shown))];
}

function hostPlace(text: string): readonly Place[] {
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:/\s]+)(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  return host === undefined ? [] : [{ host: host.toLowerCase(), port, path: '' }];
}

/** `https://github.com/org`, or only a host as the ssh form has it. */
function urlPlace(text: string): readonly Place[] {
  const [, scheme, authority = '', path = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/\s]+)(\/\S*)?$/i.exec(text.trim()) ?? [];
  return hostPlace(authority).map((place) => ({ ...place, scheme: scheme?.toLowerCase(), path: path.replace(/\/+$/, '') }));
}

function contains({ scheme, host, port, path }: Place, url: URL): boolean {
  if (host !== url.hostname.toLowerCase()) return false;
  if (scheme !== undefined && `${scheme}:` !== url.protocol) return false;
  if (port !== undefined && port !== portOf(url)) return false;
  return path === '' || url.pathname === path || url.pathname.startsWith(`${path}/`) || url.pathname === `${path}.git`;
}

function portOf({ port, protocol }: URL): string {
  return port !== '' ? port : protocol === 'https:' ? '443' : '80';
}

function shown({ host, port, path }: Place): string {
  return `${host}${port === undefined ? '' : `:${port}`}${path}`;
}

/** Why a secret is not sent to a URL; `undefined` when it may be. `boundOnly`: one that does not say what it is for is sent nowhere. */
export function secretRefusal(
  name: string,
  annotations: Readonly<Record<string, string>>,
  url: URL,
  boundOnly: boolean,
): string | undefined {
  const binding = secretBinding(annotations, url);
  if (binding === 'bound') return undefined;
  if (binding === 'unbound') {
    if (!boundOnly) return undefined;
    return `secret ${name} does not say which hosts it is for, and this server sends such secrets nowhere; annotate it: ${ownAnnotation}: ${url.host}`;
  }
  return `secret ${name} is for ${binding.join(', ') || 'no host at all'} and is not sent to ${url.host} (its annotations tekton.dev/git-*, tekton.dev/docker-*, ${ownAnnotation})`;
}
