import { createHash } from 'node:crypto';
import type { Http } from '../ports/http.ts';
import type { Resolution } from '../ports/resolver.ts';
import { type ImageReference, registryScheme } from './image-reference.ts';
import { member, parseJson } from './json.ts';
import type { Credentials } from './keychain.ts';

export interface RegistryOptions {
  readonly http: Http;
  readonly image: ImageReference;
  readonly credentials: Credentials | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

type Failure = Extract<Resolution, { readonly ok: false }>;
export type Fetched = { readonly ok: true; readonly body: Uint8Array; readonly digest: string } | Failure;

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
const MOST_TOKEN_BYTES = 64 * 1024;

/**
 * One repository of an OCI registry, read only. Everything that is asked for by its digest is what the digest says, or it is refused.
 * Follows the OCI distribution specification, and Docker's token authentication.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #base: string;
  #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    const { registry, repository } = options.image;
    this.#base = `${registryScheme(registry)}://${registry}/v2/${repository}`;
  }

  manifest(reference: string): Promise<Fetched> {
    return this.#fetch(`${this.#base}/manifests/${reference}`, manifestTypes, MOST_MANIFEST_BYTES, reference);
  }

  blob(digest: string, mostBytes: number): Promise<Fetched> {
    return this.#fetch(`${this.#base}/blobs/${digest}`, '*/*', mostBytes, digest);
  }

  async #fetch(url: string, accept: string, mostBytes: number, reference: string): Promise<Fetched> {
    let answer = await this.#get(url, { Accept: accept }, mostBytes);
    if (answer.ok && answer.response.status === 401 && this.#authorization === undefined) {
      const refused = await this.#authorize(answer.response.headers['Www-Authenticate']?.[0] ?? '');
      if (refused !== undefined) return refused;
      answer = await this.#get(url, { Accept: accept }, mostBytes);
    }
    if (!answer.ok) return unanswered(answer);
    const { status, statusText, body } = answer.response;
    if (status !== 200) return refusal(url, status, statusText, body);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (reference.includes(':') && digest !== reference) return failed(`GET ${url}: what came is ${digest} and not what was asked for`);
    return { ok: true, body, digest };
  }

  #get(url: string, headers: Readonly<Record<string, string>>, maxResponseBytes: number): ReturnType<Http['send']> {
    const { http, timeoutMs, signal } = this.#options;
    const authorization: Readonly<Record<string, string>> = this.#authorization === undefined ? {} : { Authorization: this.#authorization };
    // Blobs lie elsewhere more often than not; the header does not go along to another origin.
    return http.send({
      method: 'GET',
      url,
      headers: { ...headers, ...authorization },
      timeoutMs,
      maxResponseBytes,
      maxRedirects: 3,
      signal,
    });
  }

  /** As the registry wants it: the credentials themselves, or a token for them, or one for nobody. */
  async #authorize(challenge: string): Promise<Failure | undefined> {
    const { image, credentials } = this.#options;
    const basic =
      credentials === undefined ? undefined : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(challenge) ?? [];
    if (scheme.toLowerCase() === 'basic' && basic !== undefined) {
      this.#authorization = basic;
      return undefined;
    }
    if (scheme.toLowerCase() !== 'bearer') {
      return failed(`${image.registry} wants to be told who asks, and no pull secret is for it`);
    }
    const params = new Map([...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
    const realm = params.get('realm') ?? '';
    if (!URL.canParse(realm)) return failed(`${image.registry} names no place where tokens are to be had`);
    const url = new URL(realm);
    if (basic !== undefined && registryScheme(image.registry) === 'https' && url.protocol !== 'https:')
      return failed(`${image.registry} wants its password to be sent to ${url.origin}, unencrypted`);
    const service = params.get('service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', `repository:${image.repository}:pull`);
    return this.#takeToken(url.href, basic);
  }

  async #takeToken(url: string, basic: string | undefined): Promise<Failure | undefined> {
    const { http, timeoutMs, signal } = this.#options;
    const headers: Readonly<Record<string, string>> = basic === undefined ? {} : { Authorization: basic };
    const answer = await http.send({ method: 'GET', url, headers, timeoutMs, maxResponseBytes: MOST_TOKEN_BYTES, signal });
    if (!answer.ok) return unanswered(answer);
    const { status, statusText, body } = answer.response;
    if (status !== 200) return refusal(new URL(url).origin + new URL(url).pathname, status, statusText, body);
    const json = parseJson(body);
    const token = member(json, 'token') ?? member(json, 'access_token');
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return failed(`${new URL(url).origin} gave no token`);
    this.#authorization = `Bearer ${token}`;
    return undefined;
  }
}

function unanswered({ code, message }: Extract<Awaited<ReturnType<Http['send']>>, { readonly ok: false }>): Failure {
  return { ok: false, outlook: code === 'Timeout' ? 'slow' : code === 'Unreachable' ? 'unsure' : 'final', message };
}

/** With the first of the errors a registry writes, cut to what one line holds. */
function refusal(url: string, status: number, statusText: string, body: Uint8Array): Failure {
  const errors = member(parseJson(body), 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const parts = [member(first, 'code'), member(first, 'message')].filter((part) => typeof part === 'string' && part !== '');
  const why =
    parts.length > 0
      ? parts
          .join(': ')
          .replace(/[\x00-\x1f\x7f]+/g, ' ')
          .slice(0, 300)
      : `${status} ${statusText}`.trim();
  const outlook = status === 408 || status === 429 || status >= 500 ? 'unsure' : 'final';
  return { ok: false, outlook, message: `GET ${url}: ${why}` };
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
