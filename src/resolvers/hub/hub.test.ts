import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalServer, localServer } from '../../../test/support/local-server.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { parseAllowRule } from '../../http/allow-rule.ts';
import { createHttp } from '../../http/create-http.ts';
import type { Resolution } from '../../ports/resolver.ts';
import { createHubResolver } from './create-hub-resolver.ts';
import type { HubResolverConfig } from './read-params.ts';

const defaults: HubResolverConfig = {
  defaultTektonHubCatalog: 'Tekton',
  defaultArtifactHubTaskCatalog: 'tekton-catalog-tasks',
  defaultArtifactHubPipelineCatalog: 'tekton-catalog-pipelines',
  defaultKind: 'task',
  defaultType: 'artifact',
  artifactHubUrls: ['https://artifacthub.io'],
  tektonHubUrls: [],
};

function resolver(config: Partial<HubResolverConfig> = {}) {
  const rule = parseAllowRule('127.0.0.1');
  const http = createHttp({ outbound: { allow: rule === undefined ? [] : [rule], allowPrivate: false }, clock: new ManualClock() });
  onTestFinished(() => http.close());
  return createHubResolver({ http, config: { ...defaults, ...config } });
}

const question = (params: Readonly<Record<string, string>>) => ({
  namespace: 'ns',
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});
const ask = (params: Readonly<Record<string, string>>, config: Partial<HubResolverConfig>): Promise<Resolution> =>
  resolver(config).resolve(question(params), new AbortController().signal);
const message = (answer: Resolution): string => (answer.ok ? `found ${new TextDecoder().decode(answer.data)}` : answer.message);

/** A hub that has what it is told, by path. */
const hub = (pages: Readonly<Record<string, unknown>>): Promise<LocalServer> =>
  localServer(({ path }, response) => {
    if (Object.hasOwn(pages, path)) response.end(typeof pages[path] === 'string' ? pages[path] : JSON.stringify(pages[path]));
    else response.writeHead(404).end();
  });

const artifact = '/api/v1/packages/tekton-task/tekton-catalog-tasks/it';
const versions = (...all: (string | [string])[]) => ({
  available_versions: all.map((version) => (typeof version === 'string' ? { version } : { version: version[0], prerelease: true })),
});

describe('hub params', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{ name: 'a', version: '1' }, undefined],
    [{ name: 'a', version: '>= 1.0, < 2' }, undefined],
    [{}, 'failed to validate params: missing required hub resolver params: name, version'],
    [{ name: 'a' }, 'failed to validate params: missing required hub resolver params: version'],
    [{ name: 'a', version: '1', kind: 'secret' }, 'failed to populate default params: failed to resolve catalog name with kind: secret'],
    [
      { name: 'a', version: '1', kind: 'secret', catalog: 'c' },
      'failed to validate params: kind param must be one of: task, pipeline, stepaction',
    ],
    [
      { name: 'a', version: '1', kind: 'stepaction' },
      'failed to populate default params: failed to resolve catalog name with kind: stepaction',
    ],
    [{ name: 'a', version: '1', kind: 'stepaction', catalog: 'c' }, undefined],
    [{ name: 'a', version: '1', type: 'other' }, 'failed to populate default params: failed to resolve catalog name with type: other'],
    [{ name: 'a', version: '1', type: 'other', catalog: 'c' }, 'failed to validate params: type param must be artifact or tekton'],
    [
      { name: 'a', version: '1', type: 'tekton' },
      'failed to validate params: please configure TEKTON_HUB_API env variable to use tekton type',
    ],
    [{ name: 'a', version: '1', type: 'tekton', url: 'https://x.test' }, undefined],
    [{ name: 'a', version: '1', url: 'x' }, 'failed to validate params: invalid url param: url must be a valid absolute URL: x'],
    [
      { name: 'a', version: '1', url: 'ftp://x' },
      'failed to validate params: invalid url param: url must use http or https scheme: ftp://x',
    ],
    [{ name: '..', version: '1' }, 'failed to validate params: invalid name param: ".."'],
    [{ name: 'a/../b', version: '1' }, 'failed to validate params: invalid name param: "a/../b"'],
    [{ name: 'a', version: '1', catalog: '.' }, 'failed to validate params: invalid catalog param: "."'],
  ])('%j: %s', (params, error) => {
    expect(resolver().check(question(params))).toBe(error);
  });
});

describe('Artifact Hub', () => {
  it('has the newest version that the constraint takes, prereleases apart', async () => {
    const server = await hub({
      [artifact]: versions('0.6.0', '0.7.0', '0.10.0', ['0.11.0'], '1.0.0'),
      [`${artifact}/0.6.0`]: { data: { manifestRaw: 'six' } },
      [`${artifact}/0.10.0`]: { data: { manifestRaw: 'ten' } },
      [`${artifact}/1.0.0`]: { data: { manifestRaw: 'one' } },
    });
    const at = async (version: string) => message(await ask({ name: 'it', version }, { artifactHubUrls: [server.url] }));
    expect(await at('0.6')).toBe('found six');
    expect(await at('0.6.0')).toBe('found six');
    expect(await at('>= 0.7.0, < 1.0')).toBe('found ten');
    expect(await at('>= 0.7.0')).toBe('found one');
    expect(await at('~> 0.6')).toBe('found ten');
    expect(await at('> 2')).toBe('no version found for constraint > 2');
    expect(await at('0.11.0')).toBe('no version found for constraint 0.11.0');
  });

  it('is asked plainly for a version that is no number', async () => {
    const server = await hub({
      [`${artifact}/latest`]: { data: { manifestRaw: 'x' } },
      [`${artifact}/a%20b`]: { data: { manifestRaw: 'y' } },
    });
    expect(message(await ask({ name: 'it', version: 'latest' }, { artifactHubUrls: [server.url] }))).toBe('found x');
    expect(message(await ask({ name: 'it', version: 'a b' }, { artifactHubUrls: [server.url] }))).toBe('found y');
  });

  it('says where it is from, and which version', async () => {
    const server = await hub({ [artifact]: versions('0.1.0'), [`${artifact}/0.1.0`]: { data: { manifestRaw: 'x' } } });
    expect(await ask({ name: 'it', version: '0.1' }, { artifactHubUrls: [server.url] })).toMatchObject({
      refSource: { uri: `${server.url}${artifact}/0.1.0`, digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      tag: `version 0.1.0 of tekton-catalog-tasks/it on 127.0.0.1:${server.port}`,
    });
  });

  it('has pipelines in a catalog of their own, and whatever the question names', async () => {
    const server = await hub({
      '/api/v1/packages/tekton-pipeline/tekton-catalog-pipelines/it': versions('1.0.0'),
      '/api/v1/packages/tekton-pipeline/tekton-catalog-pipelines/it/1.0.0': { data: { manifestRaw: 'pipeline' } },
      '/api/v1/packages/tekton-stepaction/mine/it': versions('1.0.0'),
      '/api/v1/packages/tekton-stepaction/mine/it/1.0.0': { data: { manifestRaw: 'step' } },
    });
    const settings = { artifactHubUrls: [server.url] };
    expect(message(await ask({ name: 'it', version: '1', kind: 'pipeline' }, settings))).toBe('found pipeline');
    expect(message(await ask({ name: 'it', version: '1', kind: 'stepaction', catalog: 'mine' }, settings))).toBe('found step');
  });

  it('may be several: the first that answers is it, and the version comes from the one that has it', async () => {
    const [down, empty, good] = [
      await localServer((_, response) => response.writeHead(500).end()),
      await hub({ [artifact]: versions('9.0.0') }),
      await hub({ [artifact]: versions('1.0.0'), [`${artifact}/1.0.0`]: { data: { manifestRaw: 'x' } } }),
    ];
    const at = async (...servers: LocalServer[]) =>
      message(await ask({ name: 'it', version: '1.0' }, { artifactHubUrls: servers.map(({ url }) => url) }));
    expect(await at(down, good)).toBe('found x');
    // It was reached and knows: nobody else is asked.
    expect(await at(empty, good)).toBe('no version found for constraint 1.0');
    const failure = `fail to fetch Artifact Hub resource: requested resource '${down.url}${artifact}' not found on hub`;
    expect(await at(down)).toBe(failure);
    expect(await at(down, down)).toBe(`failed to resolve version constraint from any configured hub URL: ${failure}\n${failure}`);
    const other = await ask({ name: 'it', version: '1.0', url: `${good.url}/` }, { artifactHubUrls: [down.url] });
    expect(message(other)).toBe('found x');
  });

  it.each([
    ['no JSON', '<html>', 'fail to fetch Artifact Hub resource: error unmarshalling json response: it is no JSON'],
    ['other JSON', '[1]', 'no version found for constraint 1'],
    ['a list of nonsense', { available_versions: [1, null] }, 'fail to parse version artifact from : malformed version: '],
    ['a version that is none', versions('x.y'), 'fail to parse version artifact from x.y: malformed version: x.y'],
  ])('may say %s', async (_, page, error) => {
    const server = await hub({ [artifact]: page });
    expect(message(await ask({ name: 'it', version: '1' }, { artifactHubUrls: [server.url] }))).toBe(error);
  });
});

describe('a Tekton Hub', () => {
  it('has versions of two numbers, and the text elsewhere', async () => {
    const page = '/v1/resource/Tekton/task/it';
    const server = await hub({
      [page]: { data: { versions: [{ version: '0.6' }, { version: '0.7' }] } },
      [`${page}/0.7/yaml`]: { data: { yaml: 'seven' } },
      [`${page}/0.6/yaml`]: { data: { yaml: 'six' } },
    });
    const settings = { tektonHubUrls: [server.url] };
    const at = async (version: string) => message(await ask({ name: 'it', version, type: 'tekton' }, settings));
    expect(await at('>= 0.6')).toBe('found seven');
    expect(await at('0.6.0')).toBe('found six');
  });
});
