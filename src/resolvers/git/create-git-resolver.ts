import { rm } from 'node:fs/promises';
import type { Http } from '../../ports/http.ts';
import type { Locate } from '../../ports/outbound.ts';
import type { Resolution, Resolver } from '../../ports/resolver.ts';
import type { LookUpSecret } from '../../ports/secrets.ts';
import { secretRefusal } from '../../resources/core/secret/hosts.ts';
import { paramTexts } from '../../resources/param-texts.ts';
import { askForge, chooseForge } from './ask-forge.ts';
import type { Remote } from './bare-repository.ts';
import type { GitResolverConfig } from './config.ts';
import { fetchFile } from './fetch-file.ts';
import { type ApiQuestion, type CloneQuestion, readParams } from './read-params.ts';

export interface GitResolverOptions {
  readonly http: Http;
  readonly locate: Locate;
  readonly secrets: LookUpSecret;
  readonly config: GitResolverConfig;
  /** Its own, emptied at the start: what a killed server left is nobody's. */
  readonly directory: string;
  /** Of one fetch; 256 MiB when absent. */
  readonly mostFetchedBytes?: number | undefined;
}

type Failure = Extract<Resolution, { readonly ok: false }>;

const TIMEOUT_MS = 60_000;
const MOST_FETCHED_BYTES = 256 * 1024 * 1024;

/** A file of a git repository: fetched by git, or asked of a forge's API. Follows tektoncd/pipeline pkg/resolution/resolver/git. */
export async function createGitResolver(options: GitResolverOptions): Promise<Resolver> {
  const { config } = options;
  await rm(options.directory, { recursive: true, force: true });
  const timeoutMs = (params: ReadonlyMap<string, string>): number =>
    config.scms.get(params.get('configKey') ?? 'default')?.fetchTimeoutMs ?? TIMEOUT_MS;
  return {
    type: 'git',
    title: 'Git',
    // Each is a process or three.
    concurrency: 8,
    backoff: config.backoff,
    caching: config.caching,
    check: ({ params }) => {
      const question = readParams(paramTexts(params), config);
      return typeof question === 'string' ? question : undefined;
    },
    pinning: ({ params }) => (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(paramTexts(params).get('revision') ?? '') ? 'pinned' : 'moving'),
    timeoutMs: ({ params }) => timeoutMs(paramTexts(params)),
    async resolve({ namespace, params }, signal) {
      const given = paramTexts(params);
      const question = readParams(given, config);
      if (typeof question === 'string') return failed(question);
      return question.mode === 'clone'
        ? clone(question, namespace, signal, options)
        : ask(question, namespace, { timeoutMs: timeoutMs(given), signal }, options);
    },
  };
}

async function clone(question: CloneQuestion, namespace: string, signal: AbortSignal, options: GitResolverOptions): Promise<Resolution> {
  const { url, revision, path, gitToken, gitTokenKey } = question;
  const remote = await remoteOf(url, options.locate);
  if ('ok' in remote) return remote;
  let authorization: string | undefined;
  if (gitToken !== '') {
    // A repository of this disk has no use for it.
    const token = remote.isFile ? undefined : await readToken({ namespace, name: gitToken, key: gitTokenKey }, new URL(url), options);
    if (token !== undefined && !token.ok) return token;
    authorization = token && `Basic ${Buffer.from(`git:${token.text}`).toString('base64')}`;
  }
  const { directory, mostFetchedBytes = MOST_FETCHED_BYTES } = options;
  const fetched = await fetchFile({ remote: { ...remote, authorization }, revision, path, mostFetchedBytes }, directory, signal);
  if (!fetched.ok) return fetched;
  const { data, commit, isTag } = fetched;
  return {
    ok: true,
    data,
    refSource: { uri: `git+${url}`, digest: { sha1: commit }, entryPoint: path },
    annotations: {
      'resolution.tekton.dev/revision': commit,
      'resolution.tekton.dev/path': path,
      'resolution.tekton.dev/url': url,
      'resolution.tekton.dev/content-type': 'application/x-yaml',
    },
    ...(isTag && { tag: `tag ${revision} of ${url}` }),
  };
}

/** Where git goes, if it may: the address that was checked is the one it connects to. */
async function remoteOf(url: string, locate: Locate): Promise<Remote | Failure> {
  if (!/^https?:/i.test(url)) return { url: url.startsWith('/') ? `file://${url}` : url, isFile: true };
  const located = await locate(url);
  if (!located.ok)
    return {
      ok: false,
      outlook: located.code === 'Unreachable' ? 'unsure' : 'final',
      message: `error resolving repository: ${located.message}`,
    };
  // As it was checked, in whatever notation it was written.
  const { href, hostname, port, protocol } = new URL(url);
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  const pin = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}:${located.addresses.map(bracketed).join(',')}`;
  return { url: href, isFile: false, ...(!isAddress && { pin }) };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

async function ask(
  question: ApiQuestion,
  namespace: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  options: GitResolverOptions,
): Promise<Resolution> {
  const chosen = chooseForge(question);
  if (typeof chosen === 'string') return failed(chosen);
  const { scm, token, tokenKey, isOwnServer, serverUrl } = question;
  if (token === '' && isOwnServer) {
    return failed(
      `custom serverURL ${JSON.stringify(serverUrl)} requires a token parameter; the system token cannot be sent to a non-default server URL`,
    );
  }
  const lacking =
    token !== ''
      ? undefined
      : scm.apiTokenSecretName === ''
        ? 'api-token-secret-name'
        : scm.apiTokenSecretKey === ''
          ? 'api-token-secret-key'
          : undefined;
  if (lacking !== undefined)
    return failed(`cannot get API token, required when specifying 'repo' param, '${lacking}' not specified in config`);
  const secret =
    token !== ''
      ? { namespace, name: token, key: tokenKey }
      : { namespace: scm.apiTokenSecretNamespace, name: scm.apiTokenSecretName, key: scm.apiTokenSecretKey };
  const read = await readToken(secret, new URL(chosen.base), options);
  return read.ok ? askForge(question, chosen, read.text, { http: options.http, ...limits }) : read;
}

type Token = { readonly ok: true; readonly text: string } | Failure;

async function readToken(
  { namespace, name, key }: { readonly namespace: string; readonly name: string; readonly key: string },
  url: URL,
  { secrets, config }: GitResolverOptions,
): Promise<Token> {
  const entry = await secrets(namespace, name, key);
  switch (entry.type) {
    case 'no-secret':
      return failed(`cannot get API token, secret ${name} not found in namespace ${namespace}`);
    case 'no-key':
      return failed(`cannot get API token, key ${key} not found in secret ${name} in namespace ${namespace}`);
    case 'found': {
      const refusal = secretRefusal(name, entry.annotations, url, config.boundSecretsOnly);
      if (refusal !== undefined) return failed(refusal);
      // A file that an editor has ended with a newline is the token all the same.
      const text = entry.value.toString().trim();
      return /^[\x20-\x7e]+$/.test(text)
        ? { ok: true, text }
        : failed(`the token in secret ${name}, key ${key}, is empty or has characters no token has`);
    }
  }
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
