import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { GitResolverConfig, ScmConfig } from './config.ts';

interface Common {
  readonly scm: ScmConfig;
  readonly revision: string;
  /** Normalised: no dots, no slash at either end. */
  readonly path: string;
}

export interface CloneQuestion extends Common {
  readonly mode: 'clone';
  readonly url: string;
  readonly gitToken: string;
  readonly gitTokenKey: string;
}

export interface ApiQuestion extends Common {
  readonly mode: 'api';
  readonly org: string;
  readonly repo: string;
  readonly scmType: string;
  readonly serverUrl: string;
  /** The server is the question's own idea, and not that of the settings. */
  readonly isOwnServer: boolean;
  readonly token: string;
  readonly tokenKey: string;
}

export type GitQuestion = CloneQuestion | ApiQuestion;

/**
 * The params with their defaults, or what is wrong with them. Follows tektoncd/pipeline pkg/resolution/resolver/git, `PopulateDefaultParams`, in
 * its order and words; it is stricter where a param could mean more to git than a name.
 */
export function readParams(params: ReadonlyMap<string, string>, config: GitResolverConfig): GitQuestion | string {
  const configKey = params.get('configKey');
  const scm = config.scms.get(configKey ?? 'default');
  if (scm === undefined) return `no git resolver configuration found for configKey ${configKey ?? 'default'}`;
  const [repo = '', givenUrl = ''] = [params.get('repo'), params.get('url')];
  const revision = params.get('revision') ?? scm.defaultRevision;
  const missing = [
    ...(revision === '' && !params.has('revision') ? ['revision'] : []),
    ...(params.has('pathInRepo') ? [] : ['pathInRepo']),
  ];
  if (givenUrl !== '' && repo !== '') return "cannot specify both 'url' and 'repo'";
  const url = givenUrl === '' && repo === '' ? scm.defaultUrl : givenUrl;
  if (url === '' && repo === '') return "must specify one of 'url' or 'repo'";
  const org = params.get('org') ?? scm.defaultOrg;
  if (repo !== '' && org === '') return "'org' is required when 'repo' is specified";
  if (missing.length > 0) return `missing required git resolver params: ${missing.join(', ')}`;
  const path = params.get('pathInRepo') ?? '';
  const wrong = revisionError(revision) ?? (repo === '' ? urlError(url, config.allowFileUrls) : nameError(org, repo)) ?? pathError(path);
  if (wrong !== undefined) return wrong;

  const common = { scm, revision, path: normalised(path) };
  if (repo === '')
    return { ...common, mode: 'clone', url, gitToken: params.get('gitToken') ?? '', gitTokenKey: params.get('gitTokenKey') || 'token' };
  const serverUrl = params.get('serverURL') ?? '';
  return {
    ...common,
    mode: 'api',
    org,
    repo,
    scmType: params.get('scmType') || scm.scmType,
    serverUrl: serverUrl || scm.serverUrl,
    isOwnServer: serverUrl !== '' && serverUrl !== scm.serverUrl,
    token: params.get('token') ?? '',
    tokenKey: params.get('tokenKey') || 'token',
  };
}

/** Names and hashes, and no refspec: `+`, `^`, `:`, `*` would be more than a name, as `git check-ref-format` knows. */
function revisionError(revision: string): string | undefined {
  const quoted = goQuote(revision);
  if (revision.startsWith('-')) return `invalid revision ${quoted}: must not begin with '-'`;
  if (revision === '' || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^[+/]|[./]$/.test(revision))
    return `invalid revision ${quoted}: expected the name of a branch or tag, or a commit`;
  return undefined;
}

function urlError(url: string, allowFileUrls: boolean): string | undefined {
  const invalid = (why?: string): string => `invalid git repository url: ${shown(url)}${why === undefined ? '' : `: ${why}`}`;
  if (/[\x00-\x20\x7f]/.test(url)) return invalid();
  if (/^(?:file:|\/|\.)/i.test(url)) {
    if (!allowFileUrls) return invalid('repositories of the server’s own disk are not read (setting resolvers.allowFileUrls)');
    return /^(?:file:\/\/)?\//i.test(url) && !url.split('/').includes('..') ? undefined : invalid();
  }
  if (/^https?:\/\//i.test(url)) {
    if (!URL.canParse(url)) return invalid();
    const { username, password } = new URL(url);
    return username === '' && password === ''
      ? undefined
      : invalid('leave the user name and the password out, and name a secret in gitToken');
  }
  // What upstream takes besides, and what would need keys that no param can name.
  if (/^(?:git|ssh|ftps?):\/\//i.test(url) || /^[^@/-][^@/]*@[^:/]+:/.test(url)) return invalid('only https:// and http:// are fetched');
  return invalid();
}

/** They become segments of the forge's URLs; GitLab's groups have several. */
function nameError(org: string, repo: string): string | undefined {
  const bad = [...org.split('/'), repo].find((name) => /^\.{0,2}$/.test(name) || /[\x00-\x20\x7f/?#%\\]/.test(name));
  return bad === undefined ? undefined : `invalid repository ${goQuote(`${org}/${repo}`)}`;
}

function pathError(path: string): string | undefined {
  const stripped = path.replace(/^\/+/, '');
  if (stripped.split('/').includes('..')) return `invalid path ${goQuote(stripped)}: must not contain '..' components`;
  return /[\x00-\x1f\x7f]/.test(stripped) ? `invalid path ${goQuote(stripped)}: must not contain control characters` : undefined;
}

function normalised(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** Without what may be a password. */
function shown(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//…@').slice(0, 300);
}
