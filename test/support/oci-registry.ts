import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type LocalServer, localServer } from './local-server.ts';

export interface BundleObject {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly content: string | Uint8Array;
  /** How the layer holds it; a compressed tar when nothing is said. */
  readonly form?: 'tar.gz' | 'tar' | 'raw' | 'as-is' | undefined;
  readonly size?: number | undefined;
}

export interface OciRegistry extends LocalServer {
  /** `127.0.0.1:1234`. */
  readonly host: string;
  /** Puts a bundle under a tag; gives the digest of its manifest. */
  push(repository: string, tag: string, objects: readonly BundleObject[]): string;
  /** Puts bytes under a tag or digest as a manifest. */
  putManifest(repository: string, reference: string, body: string | Uint8Array): string;
  /** Puts other bytes in the place of a blob or manifest. */
  forge(digest: string, body: Uint8Array): void;
}

export interface OciRegistryOptions {
  /** `user:password`; with it only a token for them opens the door. Absent: nobody is asked. */
  readonly credentials?: string | undefined;
  /** Wants the password itself instead of a token. */
  readonly basic?: boolean | undefined;
  /** Where the blobs lie: another origin. */
  readonly blobsAt?: string | undefined;
}

const digestOf = (body: Uint8Array): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;

/** An OCI registry with Tekton bundles in memory, on loopback, for one test. */
export async function ociRegistry({ credentials, basic, blobsAt }: OciRegistryOptions = {}): Promise<OciRegistry> {
  const blobs = new Map<string, Uint8Array>();
  const manifests = new Map<string, Uint8Array>();
  const server = await localServer(({ path, headers }, response) => {
    const url = new URL(path, 'http://x');
    const password = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (url.pathname === '/token') {
      if (password !== undefined && headers.authorization !== password) return void response.writeHead(401).end();
      return void response.end(JSON.stringify({ token: `token-for-${url.searchParams.get('scope')}` }));
    }
    const [, repository = '', what = '', reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    const wanted = basic ? password : `Bearer token-for-repository:${repository}:pull`;
    if (credentials !== undefined && headers.authorization !== wanted) {
      const challenge = basic
        ? 'Basic realm="x"'
        : `Bearer realm="${server.url}/token",service="test",scope="repository:${repository}:pull"`;
      return void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    }
    if (what === 'blobs' && blobsAt !== undefined) return void response.writeHead(307, { Location: `${blobsAt}${url.pathname}` }).end();
    const body = what === 'blobs' ? blobs.get(reference) : manifests.get(`${repository} ${reference}`);
    if (body !== undefined) return void response.end(body);
    response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
  });
  const putManifest = (repository: string, reference: string, body: string | Uint8Array): string => {
    const bytes = Buffer.from(body);
    manifests.set(`${repository} ${reference}`, bytes);
    manifests.set(`${repository} ${digestOf(bytes)}`, bytes);
    return digestOf(bytes);
  };
  return Object.assign(server, {
    host: `127.0.0.1:${server.port}`,
    putManifest,
    push(repository: string, tag: string, objects: readonly BundleObject[]): string {
      const layers = objects.map(({ kind = 'task', name = 'it', apiVersion = 'v1', content, form = 'tar.gz', size }) => {
        const blob = layerOf(content, form);
        blobs.set(digestOf(blob), blob);
        const annotations = Object.fromEntries(
          Object.entries({ kind, name, apiVersion }).flatMap(([key, value]) => (value === '' ? [] : [[`dev.tekton.image.${key}`, value]])),
        );
        return {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest: digestOf(blob),
          size: size ?? blob.byteLength,
          annotations,
        };
      });
      return putManifest(repository, tag, JSON.stringify({ schemaVersion: 2, layers }));
    },
    forge(digest: string, body: Uint8Array): void {
      if (blobs.has(digest)) blobs.set(digest, body);
      for (const key of manifests.keys()) if (key.endsWith(digest)) manifests.set(key, body);
    },
  });
}

function layerOf(content: string | Uint8Array, form: 'tar.gz' | 'tar' | 'raw' | 'as-is'): Uint8Array {
  const bytes = Buffer.from(content);
  switch (form) {
    case 'tar.gz':
      return gzipSync(tarOf([{ name: 'it.yaml', content: bytes }]));
    case 'tar':
      return tarOf([{ name: 'it.yaml', content: bytes }]);
    case 'raw':
      return gzipSync(bytes);
    case 'as-is':
      return bytes;
  }
}

/** A tar of entries, as POSIX has it. */
export function tarOf(entries: readonly { readonly name: string; readonly content?: Uint8Array; readonly type?: string }[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, content = Buffer.alloc(0), type = '0' } of entries) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${content.byteLength.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\0', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, Buffer.from(content), Buffer.alloc((512 - (content.byteLength % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
