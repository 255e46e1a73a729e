import { decodeBase64 } from '../../../expressions/cel/base64.ts';
import { Failure } from '../../../expressions/cel/failure.ts';
import type { ClientConfig } from '../../../resources/cluster-interceptor/schema.ts';

/** Where a service of the cluster is reached from here, as a base URL; `undefined`: by its cluster name. */
export type ServiceUrl = (namespace: string, name: string) => string | undefined;

export type Address =
  /** `caBundle` is PEM. */
  { readonly ok: true; readonly url: string; readonly caBundle?: string | undefined } | { readonly ok: false; readonly error: string };

/** Of a ClusterInterceptor or Interceptor. reference/triggers.md 1.5. */
export function interceptorAddress({ url, service, caBundle }: ClientConfig, serviceUrl: ServiceUrl): Address {
  const pem = caBundle === undefined || caBundle === '' ? undefined : decodePem(caBundle);
  if (pem instanceof Failure) return { ok: false, error: `clientConfig.caBundle is no base64: ${pem.message}` };
  if (url !== undefined && url !== '') return { ok: true, url, caBundle: pem };
  if (service === undefined) return { ok: false, error: 'interceptor URL was nil' };
  const { name = '', namespace = '', path = '', port } = service;
  const root =
    serviceUrl(namespace, name) ??
    `${pem === undefined ? 'http' : 'https'}://${name}.${namespace}.svc:${port ?? (pem === undefined ? 80 : 8443)}`;
  return { ok: true, url: `${root.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`, caBundle: pem };
}

function decodePem(base64: string): string | Failure {
  const bytes = decodeBase64(base64);
  return bytes instanceof Failure ? bytes : new TextDecoder().decode(bytes);
}
