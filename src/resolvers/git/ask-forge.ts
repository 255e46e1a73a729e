import type { Http } from '../../ports/http.ts';
import { mostBytes, type Resolution } from '../../ports/resolver.ts';
import { type Forge, forges, member, type Place } from './forges.ts';
import type { ApiQuestion } from './read-params.ts';

export interface ForgeOptions {
  readonly http: Http;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

type Failure = Extract<Resolution, { readonly ok: false }>;
type Body = { readonly ok: true; readonly body: Uint8Array } | Failure;

/** A file in base64 within JSON. */
const MOST_ANSWER_BYTES = 2 * mostBytes;
const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** The forge and the URL of its API that a question is for, or why there is none. */
export function chooseForge({ scmType, serverUrl }: ApiQuestion): { readonly forge: Forge; readonly base: string } | string {
  const forge = forges.get(scmType);
  if (forge === undefined) return `failed to create SCM client: Unsupported $GIT_KIND value: ${scmType}`;
  if (serverUrl !== '' && !(URL.canParse(serverUrl) && /^https?:\/\//i.test(serverUrl)))
    return `failed to create SCM client: ${JSON.stringify(serverUrl)} is no URL of a server`;
  const base = forge.base(serverUrl.replace(/\/+$/, ''));
  return base === undefined ? 'failed to create SCM client: No git serverURL was specified' : { forge, base };
}

/**
 * A file as the forge's API has it. First the commit, so that what the answer says it is of is what it is of. Follows tektoncd/pipeline
 * pkg/resolution/resolver/git, `ResolveAPIGit`.
 */
export async function askForge(
  question: ApiQuestion,
  { forge, base }: { readonly forge: Forge; readonly base: string },
  token: string,
  options: ForgeOptions,
): Promise<Resolution> {
  const { org, repo, path, revision } = question;
  const place: Place = { base, org, repo, path, ref: revision };
  const get = (url: string): Promise<Body> => getBody(url, forge.headers(token), options);

  const commit = await get(forge.commit(place));
  if (!commit.ok) return { ...commit, message: `couldn't fetch the commit sha for the ref ${revision} in the repo: ${commit.message}` };
  const sha = forge.commitSha(parseJson(commit.body));
  if (typeof sha !== 'string' || !SHA.test(sha))
    return failed(`couldn't fetch the commit sha for the ref ${revision} in the repo: it has none`);

  const file = await get(forge.file({ ...place, ref: sha }));
  if (!file.ok) return { ...file, message: `couldn't fetch resource content: ${file.message}` };
  const data = forge.fileForm === 'raw' ? file.body : contentOf(parseJson(file.body));
  if (data.byteLength === 0) return failed(`no content for resource in ${org}/${repo} ${path}`);

  const repository = await get(forge.repository(place));
  if (!repository.ok) return { ...repository, message: `couldn't fetch repository: ${repository.message}` };
  const cloneUrl = forge.cloneUrl(parseJson(repository.body));
  const url = typeof cloneUrl === 'string' ? withoutCredentials(cloneUrl) : '';
  return {
    ok: true,
    data,
    refSource: { uri: `git+${url}`, digest: { sha1: sha }, entryPoint: path },
    annotations: {
      'resolution.tekton.dev/revision': sha,
      'resolution.tekton.dev/path': path,
      'resolution.tekton.dev/url': url,
      'resolution.tekton.dev/org': org,
      'resolution.tekton.dev/repo': repo,
      'resolution.tekton.dev/content-type': 'application/x-yaml',
    },
  };
}

async function getBody(url: string, headers: Readonly<Record<string, string>>, { http, timeoutMs, signal }: ForgeOptions): Promise<Body> {
  const asked = { 'User-Agent': 'tappet', ...headers };
  const answer = await http.send({
    method: 'GET',
    url,
    headers: asked,
    timeoutMs,
    maxResponseBytes: MOST_ANSWER_BYTES,
    maxRedirects: 3,
    signal,
  });
  if (!answer.ok) {
    const outlook = answer.code === 'Timeout' ? 'slow' : answer.code === 'Unreachable' ? 'unsure' : 'final';
    return { ok: false, outlook, message: answer.message };
  }
  const { status, statusText, body } = answer.response;
  if (status === 200) return { ok: true, body };
  const outlook = status === 429 || status >= 500 ? 'unsure' : 'final';
  return { ok: false, outlook, message: status === 404 ? 'Not Found' : `${status} ${statusText}`.trim() };
}

function contentOf(json: unknown): Uint8Array {
  const content = member(json, 'content');
  return member(json, 'encoding') === 'base64' && typeof content === 'string' ? Buffer.from(content, 'base64') : new Uint8Array();
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** Bitbucket writes the user's name into it. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
