import { createHash } from 'node:crypto';
import type { Http } from '../../ports/http.ts';
import type { Resolution, Resolver } from '../../ports/resolver.ts';
import { paramTexts } from '../../resources/param-texts.ts';
import { type HubQuestion, type HubResolverConfig, readParams } from './read-params.ts';
import { compareVersions, formatVersion, parseConstraint, parseVersion, type Version } from './version.ts';

export interface HubResolverOptions {
  readonly http: Http;
  readonly config: HubResolverConfig;
}

/** `conclusive`: the hub knows, and another need not be asked. */
type Failure = Extract<Resolution, { readonly ok: false }> & { readonly conclusive?: boolean };

const TIMEOUT_MS = 60_000;
/** Of an answer: a package with all its versions and its readme. */
const MOST_JSON_BYTES = 8 * 1024 * 1024;

/** A package of Artifact Hub, or of a Tekton Hub. Follows tektoncd/pipeline pkg/remoteresolution/resolver/hub. */
export function createHubResolver({ http, config }: HubResolverOptions): Resolver {
  return {
    type: 'hub',
    title: 'Hub',
    concurrency: 16,
    check: ({ params }) => {
      const asked = readParams(paramTexts(params), config);
      return typeof asked === 'string' ? asked : undefined;
    },
    pinning: () => 'moving',
    timeoutMs: () => TIMEOUT_MS,
    async resolve({ params }, signal) {
      const asked = readParams(paramTexts(params), config);
      return typeof asked === 'string' ? failed(asked) : fetchPackage(asked, http, signal);
    },
  };
}

async function fetchPackage(asked: HubQuestion, http: Http, signal: AbortSignal): Promise<Resolution> {
  const satisfies = parseConstraint(asked.version);
  if (satisfies === undefined) {
    const version = normalised(asked.version, asked.type);
    return firstOf(asked.urls, 'failed to fetch resource from any configured hub URL', (url) =>
      fetchVersion(url, { ...asked, version }, http, signal),
    );
  }
  const chosen = await firstOf(asked.urls, 'failed to resolve version constraint from any configured hub URL', (url) =>
    chooseVersion(url, asked, satisfies, http, signal),
  );
  if (!chosen.ok) return chosen;
  // From the hub that has it.
  return fetchVersion(chosen.url, { ...asked, version: normalised(chosen.version, asked.type) }, http, signal);
}

/** The first hub's answer that is one. */
async function firstOf<T extends { readonly ok: true }>(
  urls: readonly string[],
  all: string,
  ask: (url: string) => Promise<T | Failure>,
): Promise<T | Failure> {
  const failures: Failure[] = [];
  for (const url of urls) {
    const answer = await ask(url);
    if (answer.ok || answer.conclusive) return answer;
    failures.push(answer);
  }
  const [only] = failures;
  if (only !== undefined && failures.length === 1) return only;
  const outlook = failures.find((failure) => failure.outlook !== 'final')?.outlook ?? 'final';
  return { ok: false, outlook, message: `${all}: ${failures.map(({ message }) => message).join('\n')}` };
}

type Found = Extract<Resolution, { readonly ok: true }>;
type Chosen = { readonly ok: true; readonly url: string; readonly version: string };

async function chooseVersion(
  url: string,
  asked: HubQuestion,
  satisfies: (version: Version) => boolean,
  http: Http,
  signal: AbortSignal,
): Promise<Chosen | Failure> {
  const answer = await getJson(packageUrl(url, asked), asked, http, signal);
  if (!answer.ok) return answer;
  let newest: Version | undefined;
  for (const { version: text, prerelease } of listed(answer.json, asked.type)) {
    if (prerelease) continue;
    const version = parseVersion(text);
    if (version === undefined) return failed(`fail to parse version ${asked.type} from ${text}: malformed version: ${text}`);
    if (satisfies(version) && (newest === undefined || compareVersions(newest, version) <= 0)) newest = version;
  }
  if (newest === undefined) return { ...failed(`no version found for constraint ${asked.version}`), conclusive: true };
  return { ok: true, url, version: formatVersion(newest) };
}

async function fetchVersion(url: string, asked: HubQuestion, http: Http, signal: AbortSignal): Promise<Found | Failure> {
  const { type, catalog, name, version } = asked;
  const at = `${packageUrl(url, asked)}/${encodeURIComponent(version)}${type === 'tekton' ? '/yaml' : ''}`;
  const answer = await getJson(at, asked, http, signal);
  if (!answer.ok) return answer;
  const text = member(member(answer.json, 'data'), type === 'tekton' ? 'yaml' : 'manifestRaw');
  const data = new TextEncoder().encode(typeof text === 'string' ? text : '');
  return {
    ok: true,
    data,
    refSource: { uri: at, digest: { sha256: createHash('sha256').update(data).digest('hex') } },
    tag: `version ${version} of ${catalog}/${name} on ${new URL(url).host}`,
  };
}

function packageUrl(base: string, { type, kind, catalog, name }: HubQuestion): string {
  const segments = type === 'tekton' ? ['v1', 'resource', catalog, kind, name] : ['api', 'v1', 'packages', `tekton-${kind}`, catalog, name];
  return [base, ...segments.map(encodeURIComponent)].join('/');
}

/** Artifact Hub wants three numbers, a Tekton Hub two. */
function normalised(version: string, type: HubQuestion['type']): string {
  const parts = version.split('.');
  if (type === 'artifact') return parts.length === 2 ? `${version}.0` : version;
  return parts.length > 2 ? parts.slice(0, 2).join('.') : version;
}

function listed(json: unknown, type: HubQuestion['type']): readonly { readonly version: string; readonly prerelease: boolean }[] {
  const list = type === 'tekton' ? member(member(json, 'data'), 'versions') : member(json, 'available_versions');
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown) => {
    const version = member(entry, 'version');
    return { version: typeof version === 'string' ? version : '', prerelease: type === 'artifact' && member(entry, 'prerelease') === true };
  });
}

type Answer = { readonly ok: true; readonly json: unknown } | Failure;

async function getJson(url: string, { type }: HubQuestion, http: Http, signal: AbortSignal): Promise<Answer> {
  const hub = type === 'tekton' ? 'Tekton' : 'Artifact';
  const refuse = (message: string, outlook: Failure['outlook'] = 'final'): Failure => ({
    ok: false,
    outlook,
    message: `fail to fetch ${hub} Hub resource: ${message}`,
  });
  const headers = { Accept: 'application/json' };
  const answer = await http.send({
    method: 'GET',
    url,
    headers,
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MOST_JSON_BYTES,
    maxRedirects: 3,
    signal,
  });
  if (!answer.ok) {
    const outlook = answer.code === 'Timeout' ? 'slow' : answer.code === 'Unreachable' ? 'unsure' : 'final';
    return refuse(`requesting resource from Hub: ${answer.message}`, outlook);
  }
  if (answer.response.status !== 200) return refuse(`requested resource '${url}' not found on hub`);
  try {
    return { ok: true, json: JSON.parse(new TextDecoder().decode(answer.response.body)) };
  } catch {
    return refuse('error unmarshalling json response: it is no JSON');
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
