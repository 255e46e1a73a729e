import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { KeyAndCertificate } from './self-signed.ts';

export interface CertificateFiles {
  /** PEM, the server's own first, then those it was signed by. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** What clients have to trust, PEM. Absent: what the machine trusts. */
  readonly caFile?: string | undefined;
}

/** `authority` is for kubeconfigs; absent: none need be named. Throws where the message says which file is wrong and why. */
export async function configuredCertificate(
  { certificateFile, keyFile, caFile }: CertificateFiles,
  now: number,
): Promise<KeyAndCertificate & { readonly authority: string | undefined }> {
  const [certificate, key] = [await read('certificateFile', certificateFile), await read('keyFile', keyFile)];
  const authority = caFile === undefined ? undefined : await read('caFile', caFile);
  try {
    createSecureContext({ key, cert: certificate });
  } catch (error) {
    throw new Error(`apiTls: ${certificateFile} and ${keyFile} do not go together: ${error instanceof Error ? error.message : error}`);
  }
  const { validTo } = new X509Certificate(certificate);
  if (Date.parse(validTo) <= now) throw new Error(`apiTls.certificateFile: ${certificateFile} ended on ${validTo}; renew it`);
  return { key, certificate, authority };
}

async function read(setting: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`apiTls.${setting}: cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  });
}
