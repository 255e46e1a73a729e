import type { Http } from '../../ports/http.ts';
import { mostBytes, type Resolution, type Resolver, type ResolverRequest } from '../../ports/resolver.ts';
import type { LookUpSecret } from '../../ports/secrets.ts';
import { secretRefusal } from '../../resources/core/secret/hosts.ts';
import { paramTexts } from '../../resources/param-texts.ts';
import { checkParams } from './check-params.ts';
import { digestError, sha256 } from './digest.ts';

export interface HttpResolverOptions {
  readonly http: Http;
  readonly secrets: LookUpSecret;
  /** Of upstream's ConfigMap http-resolver-config. */
  readonly fetchTimeoutMs: number;
  /** Secrets that do not say which hosts they are for are sent nowhere. */
  readonly boundSecretsOnly: boolean;
}

type Failure = Extract<Resolution, { readonly ok: false }>;
type Unanswered = Extract<Awaited<ReturnType<Http['send']>>, { readonly ok: false }>;

/** A file at a URL. Follows tektoncd/pipeline pkg/resolution/resolver/http. */
export function createHttpResolver(options: HttpResolverOptions): Resolver {
  return {
    type: 'http',
    title: 'Http',
    concurrency: 16,
    check: ({ params }) => checkParams(paramTexts(params)),
    pinning: ({ params }) => (paramTexts(params).get('digest') ? 'pinned' : 'moving'),
    timeoutMs: () => options.fetchTimeoutMs,
    resolve: (request, signal) => fetchFile(request, signal, options),
  };
}

async function fetchFile(request: ResolverRequest, signal: AbortSignal, options: HttpResolverOptions): Promise<Resolution> {
  const params = paramTexts(request.params);
  const url = params.get('url') ?? '';
  const authorization = await basicAuth(request.namespace, params, new URL(url), options);
  if (typeof authorization === 'object') return authorization;
  const answer = await options.http.send({
    method: 'GET',
    url,
    headers: authorization === undefined ? {} : { Authorization: authorization },
    timeoutMs: options.fetchTimeoutMs,
    maxResponseBytes: mostBytes,
    maxRedirects: 3,
    signal,
  });
  if (!answer.ok) return unanswered(answer);
  const { status, body } = answer.response;
  if (status !== 200) return failed(`requested URL '${url}' is not found`);
  const digest = params.get('digest');
  const wrong = digest === undefined ? undefined : digestError(digest, body);
  if (wrong !== undefined) return failed(`error validating digest: ${wrong}`);
  return { ok: true, data: body, refSource: { uri: url, digest: { sha256: sha256(body) } } };
}

/** The header, none, or why there can be none. */
async function basicAuth(
  namespace: string,
  params: ReadonlyMap<string, string>,
  url: URL,
  { secrets, boundSecretsOnly }: HttpResolverOptions,
): Promise<string | undefined | Failure> {
  const name = params.get('http-password-secret');
  if (name === undefined) return undefined;
  const key = params.get('http-password-secret-key') || 'password';
  const entry = await secrets(namespace, name, key);
  switch (entry.type) {
    case 'no-secret':
      return failed(`cannot get API token, secret ${name} not found in namespace ${namespace}`);
    case 'no-key':
      return failed(`cannot get API token, key ${key} not found in secret ${name} in namespace ${namespace}`);
    case 'found': {
      const refusal = secretRefusal(name, entry.annotations, url, boundSecretsOnly);
      if (refusal !== undefined) return failed(refusal);
      const credentials = Buffer.concat([Buffer.from(`${params.get('http-username') ?? ''}:`), entry.value]);
      return `Basic ${credentials.toString('base64')}`;
    }
  }
}

function unanswered({ code, message }: Unanswered): Failure {
  switch (code) {
    case 'Timeout':
      return { ok: false, outlook: 'slow', message: `error fetching URL: ${message}` };
    case 'TooLarge':
      return failed(`response body exceeds maximum allowed size of ${mostBytes} bytes`);
    default:
      return { ok: false, outlook: code === 'Unreachable' ? 'unsure' : 'final', message: `error fetching URL: ${message}` };
  }
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
