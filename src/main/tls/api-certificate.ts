import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type KeyAndCertificate, selfSigned } from './self-signed.ts';

const DAY_MS = 86_400_000;
const VALID_DAYS = 1_825;
/** A server may well run for a year before it starts again. */
const RENEW_DAYS = 400;
/** Clocks of clients differ. */
const BACKDATED_DAYS = 1;

/**
 * The API's own key and certificate, kept in the data directory: made at the first start, and again when it does not cover one of `hosts` or is about to
 * run out. `kubectl` sends a token over TLS only, on loopback too.
 */
export async function apiCertificate(dataDir: string, hosts: readonly string[], now: number): Promise<KeyAndCertificate> {
  const folder = join(dataDir, 'api-tls');
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const known = await Promise.all([readFile(keyFile, 'utf8'), readFile(certificateFile, 'utf8')]).catch(absent);
  if (known !== undefined) {
    const [key, certificate] = known;
    if (isGood(certificate, hosts, now)) return { key, certificate };
  }
  const made = selfSigned(hosts, { from: new Date(now - BACKDATED_DAYS * DAY_MS), to: new Date(now + VALID_DAYS * DAY_MS) });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(keyFile, made.key, { mode: 0o600 });
  await writeFile(certificateFile, made.certificate);
  return made;
}

function isGood(certificate: string, hosts: readonly string[], now: number): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const covers = (host: string): boolean => {
      const address = host.replace(/^\[|\]$/g, '');
      return (isIP(address) === 0 ? parsed.checkHost(host) : parsed.checkIP(address)) !== undefined;
    };
    return Date.parse(parsed.validTo) - now > RENEW_DAYS * DAY_MS && hosts.every(covers);
  } catch {
    // Half a file, or somebody else's: another is made.
    return false;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
