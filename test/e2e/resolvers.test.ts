import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { succeeded } from '../../src/cli/columns.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import { gitServer, testRepository, withoutGit } from '../support/git-server.ts';
import { localServer } from '../support/local-server.ts';
import { ociRegistry } from '../support/oci-registry.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** The built server, and git, a registry, a hub and web servers on loopback that it fetches from. */

const RUN = 'tekton.dev/PipelineRun';
const steps = [{ name: 'say', image: 'any', script: '#!/bin/sh\necho "$(params.greeting)"\n' }];
const params = [{ name: 'greeting', type: 'string', default: 'hello' }];
const pipeline = (name: string) => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'Pipeline',
  metadata: { name },
  spec: { params, tasks: [{ name: 'say', params: [{ name: 'greeting', value: '$(params.greeting)' }], taskSpec: { params, steps } }] },
});
const task = (name: string) => ({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name }, spec: { params, steps } });
const list = (given: Readonly<Record<string, string>>) => Object.entries(given).map(([name, value]) => ({ name, value }));
const remote = (resolver: string, given: Readonly<Record<string, string>>) => ({ resolver, params: list(given) });
const run = (name: string, spec: object): KubeObject => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { name, namespace: 'default' },
  spec: spec as Readonly<Record<string, unknown>>,
});

async function serve(directory: string, config: unknown, ...flags: readonly string[]): Promise<TestServer> {
  const file = join(directory, 'config.yaml');
  writeFileSync(file, JSON.stringify(config));
  const always = [
    '--config',
    file,
    '--allow-outbound',
    '127.0.0.1',
    '--log-level',
    'error',
    '--isolation',
    'process',
    '--image-map',
    '*=host',
  ];
  const server = await startServer(join(directory, 'data'), [...always, ...flags]);
  onTestFinished(() => server.stop('SIGKILL'));
  return server;
}

const apply = async ({ client }: TestServer, ...objects: readonly KubeObject[]): Promise<void> => {
  for (const object of objects) await client.create(object, groupKindOf(object));
};

/** How a run ends. */
async function ended({ client }: TestServer, name: string, kind = RUN): Promise<Stored> {
  for (;;) {
    const object = await client.get(kind, 'default', name);
    const status = object && succeeded(object)?.status;
    if (object !== undefined && (status === 'True' || status === 'False')) return object;
    await pause(20);
  }
}

const told = (object: Stored): string => `${succeeded(object)?.reason}: ${succeeded(object)?.message}`;
const refSource = (object: Stored): unknown => (object['status'] as { provenance?: { refSource?: unknown } }).provenance?.refSource;

describe.skipIf(withoutGit !== undefined)(`pipelines from elsewhere${withoutGit === undefined ? '' : ` (skipped: ${withoutGit})`}`, () => {
  it('come from git, a URL, a hub, a registry and another namespace, and say where they are from', async () => {
    const repository = testRepository();
    const commit = repository.commit({
      'pipelines/say.yaml': JSON.stringify({
        ...pipeline('from-git'),
        spec: { params, tasks: [{ name: 'say', taskRef: remote('http', { url: 'SITE/task.yaml' }) }] },
      }),
    });
    const git = await gitServer({ root: repository.root, credentials: 'git:token' });
    const site = await localServer(({ path, headers }, response) => {
      if (path === '/private.yaml' && headers.authorization !== `Basic ${Buffer.from('user:word').toString('base64')}`)
        response.writeHead(401).end();
      else
        response.end(
          path === '/task.yaml' ? JSON.stringify(task('from-url')) : `# a comment\n---\n${JSON.stringify(pipeline('from-url'))}\n`,
        );
    });
    const hub = await localServer(({ path }, response) => {
      const versions = { available_versions: [{ version: '0.1.0' }, { version: '0.2.0' }] };
      response.end(JSON.stringify(path.endsWith('/say') ? versions : { data: { manifestRaw: JSON.stringify(pipeline('from-hub')) } }));
    });
    const registry = await ociRegistry({ credentials: 'user:word' });
    const digest = registry.push('org/bundle', 'v1', [
      { kind: 'pipeline', name: 'say', content: JSON.stringify(pipeline('from-registry')) },
    ]);
    // The address of the site is known only now.
    const moved = repository.commit({
      'pipelines/say.yaml': JSON.stringify({
        ...pipeline('from-git'),
        spec: { params, tasks: [{ name: 'say', taskRef: remote('http', { url: `${site.url}/task.yaml` }) }] },
      }),
    });

    const directory = temporaryDirectory();
    const server = await serve(directory, { resolvers: { 'hubresolver-config': { 'artifact-hub-urls': [hub.url] } } });
    const secret = (name: string, stringData: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'default' },
      stringData,
    });
    const auths = { [registry.host]: { auth: Buffer.from('user:word').toString('base64') } };
    await apply(
      server,
      secret('git', { token: 'token\n' }),
      secret('site', { password: 'word' }),
      secret('registry', { '.dockerconfigjson': JSON.stringify({ auths }) }),
      { ...pipeline('say'), metadata: { name: 'say', namespace: 'library' } },
      run('git', {
        params: list({ where: git.url }),
        pipelineRef: remote('git', {
          url: '$(params.where)/repo.git',
          revision: 'main',
          pathInRepo: '/pipelines/say.yaml',
          gitToken: 'git',
        }),
      }),
      run('url', {
        pipelineRef: remote('http', { url: `${site.url}/private.yaml`, 'http-username': 'user', 'http-password-secret': 'site' }),
      }),
      run('hub', { pipelineRef: remote('hub', { name: 'say', version: '>= 0.1.0', kind: 'pipeline' }) }),
      run('registry', {
        pipelineRef: remote('bundles', { bundle: `${registry.host}/org/bundle:v1`, name: 'say', kind: 'pipeline', secret: 'registry' }),
      }),
      run('namespace', { pipelineRef: remote('cluster', { name: 'say', namespace: 'library', kind: 'pipeline' }) }),
    );
    const runs = Object.fromEntries(
      await Promise.all(['git', 'url', 'hub', 'registry', 'namespace'].map(async (name) => [name, await ended(server, name)] as const)),
    );
    for (const [name, object] of Object.entries(runs)) expect(told(object), name).toMatch(/^Succeeded: /);
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(Object.fromEntries(Object.entries(runs).map(([name, object]) => [name, refSource(object)]))).toEqual({
      git: { uri: `git+${git.url}/repo.git`, digest: { sha1: moved }, entryPoint: 'pipelines/say.yaml' },
      url: { uri: `${site.url}/private.yaml`, digest: { sha256 } },
      hub: { uri: `${hub.url}/api/v1/packages/tekton-pipeline/tekton-catalog-pipelines/say/0.2.0`, digest: { sha256 } },
      registry: { uri: `${registry.host}/org/bundle`, digest: { sha256: digest.slice('sha256:'.length) }, entryPoint: 'say' },
      namespace: { uri: expect.stringMatching(/^\/apis\/tekton\.dev\/v1\/namespaces\/library\/pipeline\/say@/), digest: { sha256 } },
    });
    expect(moved).not.toBe(commit);
    // The task of git's pipeline is the site's; its TaskRun says so.
    expect(refSource(await ended(server, 'git-say', 'tekton.dev/TaskRun'))).toMatchObject({ uri: `${site.url}/task.yaml` });
    const requests = await server.client.list('resolution.tekton.dev/ResolutionRequest', 'default');
    expect(requests.items.length).toBe(6);
    expect(JSON.stringify(requests.items)).not.toContain(Buffer.from('git:token').toString('base64'));

    // A tag that moves is told to the run that meets it.
    registry.push('org/bundle', 'v1', [{ kind: 'pipeline', name: 'say', content: JSON.stringify({ ...pipeline('another') }) }]);
    await apply(
      server,
      run('again', {
        pipelineRef: remote('bundles', { bundle: `${registry.host}/org/bundle:v1`, name: 'say', kind: 'pipeline', secret: 'registry' }),
      }),
    );
    expect(told(await ended(server, 'again'))).toMatch(/^Succeeded: /);
    const events = await server.client.list('Event', 'default', { fieldSelector: 'involvedObject.name=again,reason=TagMoved' });
    expect(events.items).toMatchObject([
      { type: 'Warning', message: expect.stringMatching(/^tag v1 of \S+\/org\/bundle has moved: it led to sha256:/) },
    ]);
  });

  it('that are bad end in a reason, and never in a run that is stuck', async () => {
    const repository = testRepository();
    repository.commit({
      'say.yaml': JSON.stringify(pipeline('p')),
      'task.yaml': JSON.stringify(task('t')),
      'passwd.yaml': '-> /etc/passwd',
    });
    const git = await gitServer({ root: repository.root });
    const site = await localServer(({ path }, response) => {
      if (path === '/redirect') response.writeHead(302, { Location: 'http://169.254.169.254/latest/' }).end();
      else if (path === '/large') response.end('x'.repeat(1024 * 1024 + 1));
      else if (path === '/secret') response.end(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }));
      else if (path === '/typo') response.end(JSON.stringify({ ...pipeline('p'), spec: { taskz: [] } }));
      else if (path === '/cycle')
        response.end(
          JSON.stringify({
            ...pipeline('p'),
            spec: {
              tasks: [
                { name: 'a', runAfter: ['b'], taskSpec: { steps } },
                { name: 'b', runAfter: ['a'], taskSpec: { steps } },
              ],
            },
          }),
        );
      else response.writeHead(404).end();
    });
    const server = await serve(temporaryDirectory(), {});
    const repo = { url: `${git.url}/repo.git`, revision: 'main', pathInRepo: 'say.yaml' };
    const cases: Readonly<Record<string, [object, RegExp]>> = {
      metadata: [
        remote('http', { url: 'http://169.254.169.254/latest/meta-data/' }),
        /^CouldntGetPipeline: .*169\.254\.169\.254 is an address of a cloud's metadata service/,
      ],
      'metadata-by-redirect': [remote('http', { url: `${site.url}/redirect` }), /^CouldntGetPipeline: .*169\.254\.169\.254/],
      'metadata-by-git': [
        remote('git', { ...repo, url: 'http://metadata.google.internal/x.git' }),
        /^CouldntGetPipeline: .*is a cloud's metadata service/,
      ],
      'metadata-by-hub': [
        remote('hub', { name: 'x', version: '1', url: 'http://[fd00:ec2::254]/' }),
        /^CouldntGetPipeline: .*metadata service/,
      ],
      'metadata-by-bundle': [remote('bundles', { name: 'x', bundle: '169.254.169.254/a/b' }), /^CouldntGetPipeline: .*metadata service/],
      private: [
        remote('git', { ...repo, url: 'https://10.1.2.3/x.git' }),
        /^CouldntGetPipeline: .*10\.1\.2\.3 is a private address.*--allow-outbound 10\.1\.2\.3:443/,
      ],
      'file-by-http': [
        remote('http', { url: 'file:///etc/passwd' }),
        /^CouldntGetPipeline: .*url file:\/\/\/etc\/passwd is not a valid http\(s\) url$/,
      ],
      'file-by-git': [
        remote('git', { ...repo, url: 'file:///etc' }),
        /^CouldntGetPipeline: .*invalid git repository url: file:\/\/\/etc: repositories of the server’s own disk are not read/,
      ],
      option: [
        remote('git', { ...repo, revision: '--upload-pack=touch /tmp/x' }),
        /^CouldntGetPipeline: .*invalid revision "--upload-pack=touch \/tmp\/x": must not begin with '-'$/,
      ],
      dots: [remote('git', { ...repo, pathInRepo: '../../etc/passwd' }), /^CouldntGetPipeline: .*must not contain '\.\.' components$/],
      link: [
        remote('git', { ...repo, pathInRepo: 'passwd.yaml' }),
        /^CouldntGetPipeline: .*error opening file "passwd\.yaml": the path attempts to escape/,
      ],
      revision: [
        remote('git', { ...repo, revision: 'nothing' }),
        /^CouldntGetPipeline: .*couldn't find remote ref nothing: exit status 128$/,
      ],
      path: [
        remote('git', { ...repo, pathInRepo: 'nothing.yaml' }),
        /^CouldntGetPipeline: .*error opening file "nothing\.yaml": file does not exist$/,
      ],
      kind: [
        remote('git', { ...repo, pathInRepo: 'task.yaml' }),
        /^CouldntGetPipeline: .*failed to read runtime object as Pipeline: resource is not a pipeline$/,
      ],
      large: [
        remote('http', { url: `${site.url}/large` }),
        /^CouldntGetPipeline: .*response body exceeds maximum allowed size of 1048576 bytes$/,
      ],
      secret: [remote('http', { url: `${site.url}/secret` }), /^CouldntGetPipeline: .*resolved data is not of a supported type/],
      typo: [
        remote('http', { url: `${site.url}/typo` }),
        /^CouldntGetPipeline: .*invalid runtime object: strict decoding error: unknown field "spec\.taskz"/,
      ],
      cycle: [
        remote('http', { url: `${site.url}/cycle` }),
        /^PipelineValidationFailed: Failed dryRunValidation for PipelineRun cycle: \[User error\] .*denied the request: validation failed: .*cycle/,
      ],
      gone: [remote('http', { url: `${site.url}/gone` }), /^CouldntGetPipeline: .*requested URL '\S+\/gone' is not found$/],
      object: [
        remote('cluster', { name: 'gone', namespace: 'default', kind: 'pipeline' }),
        /^CouldntGetPipeline: .*pipelines\.tekton\.dev "gone" not found$/,
      ],
      params: [
        remote('git', {}),
        /^CouldntGetPipeline: .*invalid resource request "default\/git-[0-9a-f]{32}": missing required git resolver params: pathInRepo$/,
      ],
    };
    for (const [name, [pipelineRef]] of Object.entries(cases)) await apply(server, run(name, { pipelineRef }));
    for (const [name, [, outcome]] of Object.entries(cases)) expect(told(await ended(server, name)), name).toMatch(outcome);
  });

  it('that are slow end with their time, with other runs going on, and survive the server’s death', async () => {
    const directory = temporaryDirectory();
    let slow = true;
    const site = await localServer((_, response) => {
      if (!slow) response.end(JSON.stringify(pipeline('p')));
    });
    const timeout = (text: string) => ({ engine: { 'default-maximum-resolution-timeout': text } });
    const server = await serve(directory, timeout('1s'));
    const named = (name: string) => run(name, { pipelineRef: remote('http', { url: `${site.url}/${name}` }) });
    await apply(
      server,
      named('slow'),
      run('nobody', { pipelineRef: remote('nobodys', { a: 'b' }) }),
      run('plain', { pipelineSpec: { tasks: [{ name: 'a', taskSpec: { params, steps } }] } }),
    );
    expect(told(await ended(server, 'plain'))).toMatch(/^Succeeded: /);
    const late = /^CouldntGetPipeline: .*error requesting remote resource: resolution took longer than global timeout of 1s$/;
    expect(told(await ended(server, 'slow'))).toMatch(late);
    expect(told(await ended(server, 'nobody'))).toMatch(late);
    await server.stop();

    const patient = await serve(directory, timeout('1m'));
    const asked = site.requests.length;
    await apply(patient, named('killed'));
    await site.received(asked + 1);
    expect(succeeded((await patient.client.get(RUN, 'default', 'killed')) as Stored)).toMatchObject({
      status: 'Unknown',
      reason: 'ResolvingPipelineRef',
    });
    await patient.stop('SIGKILL');
    slow = false;
    const reborn = await serve(directory, timeout('1m'));
    expect(told(await ended(reborn, 'killed'))).toMatch(/^Succeeded: /);
    expect(site.requests.length).toBe(asked + 2);
    expect(
      (await reborn.client.list('tekton.dev/TaskRun', 'default', { labelSelector: 'tekton.dev/pipelineRun=killed' })).items.length,
    ).toBe(1);
  });
});
