import type { CredentialEntry } from './credential-secret.ts';

const DEFAULT_PORT = '22';

/**
 * `.ssh/config`, `.ssh/known_hosts` and a key a secret; for a key that is for one repository only, a host alias and rules in `.gitconfig` that lead
 * git there. What is for a whole host comes first, as a fallback. `folder`: where the keys will lie.
 */
export function gitSshFiles(entries: readonly CredentialEntry[], folder: string): ReadonlyMap<string, string> {
  if (entries.length === 0) return new Map();
  const byPlace = new Map<string, CredentialEntry[]>();
  for (const entry of entries) byPlace.set(entry.place, [...(byPlace.get(entry.place) ?? []), entry]);
  const places = [...byPlace].map(([place, of]) => ({ ...parsePlace(place), of }));
  const ordered = [...places.filter(({ path }) => path === ''), ...places.filter(({ path }) => path !== '')];

  const files = new Map<string, string>();
  const config: string[] = [];
  const knownHosts: string[] = [];
  const rewrites: string[] = [];
  for (const { host, port, path, of } of ordered) {
    const repository = path.replace(/^\//, '');
    const alias = path === '' ? host : `${host}--${repository.replaceAll('/', '--')}`;
    if (path !== '') rewrites.push(...insteadOf(alias, host, port, repository));
    config.push(`Host ${alias}\n    HostName ${host}\n    Port ${port}\n`);
    for (const { secret } of of) {
      files.set(`.ssh/id_${secret.name}`, secret.data.get('ssh-privatekey') ?? '');
      config.push(`    IdentityFile ${folder}/.ssh/id_${secret.name}\n`);
      const known = secret.data.get('known_hosts');
      if (known) knownHosts.push(known);
    }
  }
  files.set('.ssh/config', config.join(''));
  if (knownHosts.length > 0) files.set('.ssh/known_hosts', knownHosts.join('\n'));
  if (rewrites.length > 0) files.set('.gitconfig', rewrites.join(''));
  return files;
}

/** `github.com`, `github.com:2222`, `github.com:2222/org/repo`, `[::1]:22`. */
function parsePlace(place: string): { readonly host: string; readonly port: string; readonly path: string } {
  const slash = place.indexOf('/');
  const [authority, path] = slash < 0 ? [place, ''] : [place.slice(0, slash), place.slice(slash)];
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(authority) ?? [];
  return port === undefined ? { host: authority, port: DEFAULT_PORT, path } : { host: bracketed ?? plain ?? '', port, path };
}

/** With `.git` at the end, or `org/repo` would fit `org/repo-other` too. */
function insteadOf(alias: string, host: string, port: string, repository: string): readonly string[] {
  const authority = port === DEFAULT_PORT ? host : `${host}:${port}`;
  return [
    `[url "git@${alias}:${repository}.git"]\n\tinsteadOf = git@${host}:${repository}.git\n`,
    `[url "ssh://${alias}/${repository}.git"]\n\tinsteadOf = ssh://${authority}/${repository}.git\n`,
  ];
}
