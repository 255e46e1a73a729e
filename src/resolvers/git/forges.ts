/** Where a forge's API is asked for what a git question needs, and how its answers are read. `ref` is a commit once it is known. */
export interface Forge {
  /** Of the API, from the server's URL; `undefined`: this forge has no server of its own, one must be named. */
  readonly base: (serverUrl: string) => string | undefined;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly commit: (place: Place) => string;
  readonly commitSha: (json: unknown) => unknown;
  readonly file: (place: Place) => string;
  /** `raw`: the answer is the file. `base64`: it is JSON, with the file in it. */
  readonly fileForm: 'raw' | 'base64';
  readonly repository: (place: Place) => string;
  readonly cloneUrl: (json: unknown) => unknown;
}

export interface Place {
  readonly base: string;
  readonly org: string;
  readonly repo: string;
  readonly path: string;
  readonly ref: string;
}

const segment = encodeURIComponent;
const slashed = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
const bearer = (token: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${token}` });

const github: Forge = {
  base: (serverUrl) => {
    if (serverUrl === '' || /^https:\/\/(?:www\.|api\.)?github\.com$/.test(serverUrl)) return 'https://api.github.com';
    return serverUrl.endsWith('/api/v3') ? serverUrl : `${serverUrl}/api/v3`;
  },
  headers: (token) => ({ ...bearer(token), Accept: 'application/vnd.github+json' }),
  commit: ({ base, org, repo, ref }) => `${base}/repos/${segment(org)}/${segment(repo)}/commits/${segment(ref)}`,
  commitSha: (json) => member(json, 'sha'),
  file: ({ base, org, repo, path, ref }) => `${base}/repos/${segment(org)}/${segment(repo)}/contents/${slashed(path)}?ref=${segment(ref)}`,
  fileForm: 'base64',
  repository: ({ base, org, repo }) => `${base}/repos/${segment(org)}/${segment(repo)}`,
  cloneUrl: (json) => member(json, 'clone_url'),
};

const gitea: Forge = {
  ...github,
  base: (serverUrl) => (serverUrl === '' ? undefined : `${serverUrl}/api/v1`),
  headers: (token) => ({ Authorization: `token ${token}` }),
  commit: ({ base, org, repo, ref }) => `${base}/repos/${segment(org)}/${segment(repo)}/git/commits/${segment(ref)}`,
};

const gitlabProject = ({ base, org, repo }: Place): string => `${base}/projects/${segment(`${org}/${repo}`)}`;
const gitlab: Forge = {
  base: (serverUrl) => `${serverUrl === '' ? 'https://gitlab.com' : serverUrl}/api/v4`,
  headers: (token) => ({ 'Private-Token': token }),
  commit: (place) => `${gitlabProject(place)}/repository/commits/${segment(place.ref)}`,
  commitSha: (json) => member(json, 'id'),
  file: (place) => `${gitlabProject(place)}/repository/files/${segment(place.path)}?ref=${segment(place.ref)}`,
  fileForm: 'base64',
  repository: gitlabProject,
  cloneUrl: (json) => member(json, 'http_url_to_repo'),
};

const stashRepository = ({ base, org, repo }: Place): string => `${base}/projects/${segment(org)}/repos/${segment(repo)}`;
const bitbucketServer: Forge = {
  base: (serverUrl) => (serverUrl === '' ? undefined : `${serverUrl}/rest/api/1.0`),
  headers: bearer,
  commit: (place) => `${stashRepository(place)}/commits/${segment(place.ref)}`,
  commitSha: (json) => member(json, 'id'),
  file: (place) => `${stashRepository(place)}/raw/${slashed(place.path)}?at=${segment(place.ref)}`,
  fileForm: 'raw',
  repository: stashRepository,
  cloneUrl: (json) => namedLink(json, 'http'),
};

const cloudRepository = ({ base, org, repo }: Place): string => `${base}/repositories/${segment(org)}/${segment(repo)}`;
const bitbucketCloud: Forge = {
  base: (serverUrl) =>
    serverUrl === '' || /^https:\/\/(?:api\.)?bitbucket\.org$/.test(serverUrl) ? 'https://api.bitbucket.org/2.0' : `${serverUrl}/2.0`,
  headers: bearer,
  commit: (place) => `${cloudRepository(place)}/commit/${segment(place.ref)}`,
  commitSha: (json) => member(json, 'hash'),
  file: (place) => `${cloudRepository(place)}/src/${segment(place.ref)}/${slashed(place.path)}`,
  fileForm: 'raw',
  repository: cloudRepository,
  cloneUrl: (json) => namedLink(json, 'https'),
};

/** By what upstream's settings call them. */
export const forges: ReadonlyMap<string, Forge> = new Map([
  ['github', github],
  ['gitlab', gitlab],
  ['gitea', gitea],
  ['bitbucketserver', bitbucketServer],
  ['bitbucketcloud', bitbucketCloud],
]);

/** Of Bitbucket's `links.clone`. */
function namedLink(json: unknown, name: string): unknown {
  const links = member(member(json, 'links'), 'clone');
  const link: unknown = Array.isArray(links) ? links.find((each: unknown) => member(each, 'name') === name) : undefined;
  return member(link, 'href');
}

export function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
