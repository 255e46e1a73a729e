import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realCluster, realKubernetes } from '../support/kubernetes-under-test.ts';
import { localServer } from '../support/local-server.ts';
import { type Ran, runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const manifests = `
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: greet}
spec:
  params: [{name: who, default: world}]
  steps: [{name: say, image: any, script: 'echo "hello $(params.who)"'}]
---
apiVersion: triggers.tekton.dev/v1beta1
kind: EventListener
metadata: {name: hooks}
spec:
  triggers:
    - name: greet
      template:
        spec:
          resourcetemplates:
            - {apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {generateName: greet-}, spec: {taskRef: {name: greet}}}
`;

/** The command line by kubeconfig and context, as on a cluster: here over TLS to the server of the test. */
describe('tappet --kubeconfig', () => {
  let server: TestServer;
  let data: string;
  let kubeconfig: string;
  const on = (...args: string[]): Promise<Ran> => runTappet([...args, '--kubeconfig', kubeconfig]);

  beforeAll(async () => {
    data = join(mkdtempSync(join(tmpdir(), 'tappet-e2e-cluster-')), 'data');
    server = await startServer(data, ['--image-map', '*=host', '--isolation', 'process', '--log-level', 'error']);
    kubeconfig = join(data, 'kubeconfig');
    writeFileSync(join(data, '..', 'manifests.yaml'), manifests);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(join(data, '..'), { recursive: true, force: true });
  });

  it('applies, lists, runs, follows and deletes over TLS', async () => {
    expect(await on('apply', '-f', join(data, '..', 'manifests.yaml'))).toMatchObject({ code: 0, stderr: '' });
    expect((await on('get', 'tasks')).stdout).toMatch(/NAME[^\n]*\ngreet/);
    const file = join(data, '..', 'run.yaml');
    const spec = { taskRef: { name: 'greet' }, params: [{ name: 'who', value: 'cluster' }] };
    writeFileSync(file, JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'greet-1' }, spec }));
    expect(await on('run', '-f', file)).toMatchObject({ code: 0, stdout: expect.stringContaining('hello cluster') });
    const name = 'greet-1';
    expect((await on('describe', 'taskrun', name)).stdout).toContain('Succeeded');
    expect((await on('delete', 'taskrun', name)).code).toBe(0);
    expect(await on('delete', 'taskrun', name)).toMatchObject({ code: 1, stderr: `tekton.dev/TaskRun default/${name} not found\n` });
  });

  it('finds the events of a server that keeps them itself', async () => {
    await fetch(`${server.record.ingress}/default/hooks`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    await expect.poll(async () => (await on('events')).stdout, { timeout: 10_000 }).toMatch(/hooks/);
  });

  it('takes context and namespace of the kubeconfig, and files that KUBECONFIG lists only when a context is named', async () => {
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    const { cluster, user } = config.contexts[0].context;
    config.contexts.push({ name: 'other', context: { cluster, user, namespace: 'elsewhere' } });
    const file = join(data, '..', 'contexts.json');
    writeFileSync(file, JSON.stringify(config));
    const env = { KUBECONFIG: file, HOME: '/nonexistent' };
    expect((await runTappet(['get', 'tasks', '--context', 'other'], env)).stderr).toBe('No resources found in namespace elsewhere.\n');
    expect((await runTappet(['get', 'tasks', '--context', 'tappet'], env)).stdout).toContain('greet');
    expect((await runTappet(['get', 'tasks'], { ...env, TAPPET_CONTEXT: 'tappet' })).stdout).toContain('greet');
    expect(await runTappet(['get', 'tasks'], env)).toMatchObject({ code: 5, stderr: expect.stringContaining('no server runs on') });
    expect(await runTappet(['get', 'tasks', '--context', 'none'], env)).toMatchObject({
      code: 2,
      stderr: `kubeconfig ${file}: there is no context "none" (there are: tappet, other)\n`,
    });
    expect((await runTappet(['get', 'tasks', '--context', 'x', '--server', 'http://x'], env)).code).toBe(2);
  });

  it('says what is wrong with the server, and with the credentials', async () => {
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    const told = async (change: (copy: typeof config) => void): Promise<string> => {
      const copy = structuredClone(config);
      change(copy);
      const file = join(data, '..', 'wrong.json');
      writeFileSync(file, JSON.stringify(copy));
      return (await runTappet(['get', 'tasks', '--kubeconfig', file])).stderr;
    };
    expect(await told(({ users }) => (users[0].user.token = 'wrong-wrong-wrong-wrong'))).toContain('Unauthorized');
    expect(await told(({ clusters }) => delete clusters[0].cluster['certificate-authority-data'])).toContain('cannot be trusted');
    expect(await told(({ clusters }) => (clusters[0].cluster.server = 'https://127.0.0.1:1'))).toContain('cannot reach the API server');
  });

  it('reads the events of a server in a cluster through the API server, which keeps Authorization to itself', async () => {
    const proxied = '/api/v1/namespaces/ops/services/https:tappet-prod-api:api/proxy';
    const cluster = await localServer((request, response) => {
      if (request.path === '/version') response.end('{"platform": "linux/amd64"}');
      else if (request.path.startsWith(proxied)) passOn(server.record.api, request.path.slice(proxied.length), request.headers, response);
      else response.writeHead(404).end(JSON.stringify({ kind: 'Status', message: 'services "tappet-api" not found' }));
    });
    const file = join(data, '..', 'cluster.json');
    const name = 'c';
    const user = { token: 'of-the-cluster' };
    const context = { cluster: name, user: name };
    writeFileSync(
      file,
      JSON.stringify({ clusters: [{ name, cluster: { server: cluster.url } }], users: [{ name, user }], contexts: [{ name, context }] }),
    );
    const here = ['--kubeconfig', file, '--context', name];
    const there = [...here, '--api-service', 'ops/tappet-prod-api'];
    expect((await runTappet(['events', ...there, '--token', server.record.token ?? ''])).stdout).toContain('hooks');
    expect((await runTappet(['events', ...there])).stderr).toContain('(--token or TAPPET_TOKEN)');
    expect(await runTappet(['events', ...here])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(
        'which is not reached as Service tappet/tappet-api: services "tappet-api" not found; name it with --api-service',
      ),
    });
    expect((await runTappet(['events', ...here, '--api-service', 'nonsense'])).code).toBe(2);
  });
});

describe.skipIf(realCluster === undefined)('tappet --kubeconfig on a real cluster', () => {
  it('applies what brings its own namespace, twice, and takes it away', async () => {
    const kubernetes = await realKubernetes();
    const folder = mkdtempSync(join(tmpdir(), 'tappet-e2e-real-'));
    const file = join(folder, 'all.yaml');
    const namespace = `${kubernetes.namespaces[0]}-cli`;
    const write = (image: string): void =>
      writeFileSync(
        file,
        `
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: greet, namespace: ${namespace}}
spec: {steps: [{name: say, image: ${image}, script: 'echo hello'}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
`,
      );
    const on = (...args: string[]): Promise<Ran> => runTappet([...args, '--kubeconfig', realCluster ?? '']);
    write('busybox');
    expect(await on('apply', '-f', file)).toMatchObject({
      code: 0,
      stdout: `task.tekton.dev/greet created\nnamespace/${namespace} created\n`,
    });
    write('alpine');
    expect(await on('apply', '-f', file)).toMatchObject({ code: 0, stdout: expect.stringContaining('task.tekton.dev/greet configured') });
    expect((await on('get', 'tasks', '-n', namespace)).stdout).toContain('greet');
    expect((await on('events')).stderr).toContain('name it with --api-service');
    expect((await on('delete', 'namespace', namespace)).code).toBe(0);
    rmSync(folder, { recursive: true });
    await kubernetes.close();
  });
});

function passOn(
  server: string,
  path: string,
  { authorization: _, host: __, ...headers }: IncomingMessage['headers'],
  response: ServerResponse,
): void {
  plainRequest(server + path, { headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  }).end();
}
