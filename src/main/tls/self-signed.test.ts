import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from './self-signed.ts';

const HOSTS = ['localhost', '127.0.0.1', '[::1]', 'fe80::1:2', '2001:db8:1:2:3:4:5:6'];
const validity = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2051-06-30T12:34:56Z') };

describe('a certificate that vouches for itself', () => {
  const { key, certificate } = selfSigned(HOSTS, validity);
  const parsed = new X509Certificate(certificate);
  const server = createServer({ key, cert: certificate }, (_request, response) => response.end('hello'));

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  it('is read by Node as it was meant', () => {
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.ca).toBe(true);
    expect(parsed.subject).toBe('CN=tappet');
    expect(new Date(parsed.validFrom)).toEqual(validity.from);
    expect(new Date(parsed.validTo)).toEqual(validity.to);
    expect([parsed.checkHost('localhost'), parsed.checkIP('127.0.0.1'), parsed.checkIP('::1'), parsed.checkIP('fe80::1:2')]).not.toContain(
      undefined,
    );
    expect(parsed.checkIP('2001:db8:1:2:3:4:5:6')).toBeDefined();
    expect([parsed.checkHost('example.org'), parsed.checkIP('127.0.0.2')]).toEqual([undefined, undefined]);
  });

  it('serves clients that were handed it, and no others', async () => {
    const { port } = server.address() as AddressInfo;
    const fetched = (ca: string | undefined): Promise<number | string> =>
      new Promise((resolve) => {
        get({ host: '127.0.0.1', port, agent: false, ...(ca !== undefined && { ca }) }, (response) => resolve(response.statusCode ?? 0)).on(
          'error',
          (error: NodeJS.ErrnoException) => resolve(error.code ?? ''),
        );
      });
    expect(await fetched(certificate)).toBe(200);
    expect(await fetched(selfSigned(HOSTS, validity).certificate)).not.toBe(200);
  });

  it.skipIf(!hasOpenssl())('is what openssl calls sound', () => {
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: certificate }).toString();
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('CA:TRUE');
    expect(text).toContain('Digital Signature, Certificate Sign');
    expect(text).toContain('TLS Web Server Authentication');
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}
