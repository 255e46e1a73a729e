import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { apiCertificate } from './api-certificate.ts';

const NOW = Date.parse('2026-11-26T00:00:00Z');
const YEAR = 365 * 86_400_000;
const scratch: string[] = [];
afterEach(async () => {
  for (const folder of scratch.splice(0)) await rm(folder, { recursive: true });
});

async function dataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tappet-tls-'));
  scratch.push(folder);
  return folder;
}

it('is made once, its key for the owner alone, and made anew for another host, near its end, or when it cannot be read', async () => {
  const folder = await dataDir();
  const first = await apiCertificate(folder, ['localhost', '127.0.0.1', '[::1]'], NOW);
  expect((await stat(join(folder, 'api-tls', 'key.pem'))).mode & 0o777).toBe(0o600);
  expect(await apiCertificate(folder, ['localhost', '[::1]'], NOW + 3 * YEAR)).toEqual(first);

  const wider = await apiCertificate(folder, ['localhost', 'ci.example.org'], NOW);
  expect(wider).not.toEqual(first);
  const renewed = await apiCertificate(folder, ['localhost'], NOW + 4 * YEAR);
  expect(renewed).not.toEqual(wider);

  await writeFile(join(folder, 'api-tls', 'certificate.pem'), renewed.certificate.slice(0, 200));
  expect(await apiCertificate(folder, ['localhost'], NOW + 4 * YEAR)).not.toEqual(renewed);
});
