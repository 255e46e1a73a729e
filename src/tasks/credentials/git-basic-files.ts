import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { CredentialEntry } from './credential-secret.ts';

/** `.gitconfig` and `.git-credentials`: names and passwords for git over HTTP. */
export function gitBasicFiles(entries: readonly CredentialEntry[]): ReadonlyMap<string, string> {
  if (entries.length === 0) return new Map();
  const config = entries.map(({ secret, place }) => {
    const username = (secret.data.get('username') ?? '').replaceAll('\\', '\\\\');
    // Without it git asks for a host's credentials only, and several repositories of one host could not differ.
    const usesPath = hasPath(place) ? '\tuseHttpPath = true\n' : '';
    return `[credential ${goQuote(place)}]\n\tusername = ${username}\n${usesPath}`;
  });
  // The store takes the first that fits, so what is for a whole host comes first, as a fallback.
  const ordered = [...entries.filter(({ place }) => !hasPath(place)), ...entries.filter(({ place }) => hasPath(place))];
  const lines = ordered.map(({ secret, place }) => withLogin(place, secret.data.get('username') ?? '', secret.data.get('password') ?? ''));
  return new Map([
    ['.gitconfig', `[credential]\n\thelper = store\n${config.join('')}`],
    ['.git-credentials', lines.map((line) => `${line}\n`).join('')],
  ]);
}

interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly rest: string;
}

/** As far as Go's `net/url` takes it apart: without a scheme all is path. */
function parseUrl(text: string): Url {
  const [, scheme = '', authority, rest = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (authority === undefined) return { scheme: '', host: '', rest: text };
  return { scheme: `${scheme.toLowerCase()}:`, host: authority.slice(authority.lastIndexOf('@') + 1), rest };
}

function hasPath(url: string): boolean {
  const [path = ''] = parseUrl(url).rest.split(/[?#]/);
  return path !== '' && path !== '/';
}

function withLogin(url: string, username: string, password: string): string {
  const { scheme, host, rest } = parseUrl(url);
  return `${scheme}//${escaped(username)}:${escaped(password)}@${host}${rest}`;
}

/** Go's escaping of user and password in a URL. */
function escaped(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9\-_.~$&+,;=]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
