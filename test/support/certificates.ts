import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** A server's key and certificate, PEM, for names like `DNS:secure.test` and `IP:127.0.0.1`; good from now for `days`, which may be past. */
  issue(names: readonly string[], options?: { readonly days?: number }): { readonly key: string; readonly cert: string };
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate authority of its own, made now: no key is kept in the repository, none expires. */
export function newAuthority(): Authority {
  return inFolder((folder) => {
    openssl(folder, 'req', '-x509', ...newKey('ca.key'), '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Tappet test authority');
    const [certificate, key] = [read(folder, 'ca.pem'), read(folder, 'ca.key')];
    return { certificate, issue: (names, options) => issue({ certificate, key }, names, options) };
  });
}

function issue(
  authority: { readonly certificate: string; readonly key: string },
  names: readonly string[],
  { days = 2 }: { readonly days?: number } = {},
): { readonly key: string; readonly cert: string } {
  return inFolder((folder) => {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    writeFileSync(join(folder, 'ca.key'), authority.key);
    writeFileSync(join(folder, 'names'), `subjectAltName=${names.join()}\n`);
    openssl(folder, 'req', ...newKey('server.key'), '-out', 'server.csr', '-subj', '/CN=server');
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', String(days)];
    openssl(folder, 'x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signing);
    return { key: read(folder, 'server.key'), cert: read(folder, 'server.pem') };
  });
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}

function openssl(cwd: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd, stdio: 'pipe' });
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tappet-certificates-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
