import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, CustomObjectsApi, KubeConfig, makeInformer, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/test-server.ts';

/** The client that programs in Node use, on the kubeconfig that the server leaves. */
describe('@kubernetes/client-node', { timeout: 60_000 }, () => {
  let directory: string;
  let server: TestServer;
  const config = new KubeConfig();
  const tekton = { group: 'tekton.dev', version: 'v1', namespace: 'default', plural: 'tasks' };
  const task = (name: string) => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name },
    spec: { steps: [{ name: 's', image: 'any', script: 'true' }] },
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tappet-e2e-client-'));
    server = await startServer(join(directory, 'data'), ['--isolation', 'process', '--log-level', 'error']);
    config.loadFromFile(join(directory, 'data', 'kubeconfig'));
  });
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('creates, reads, lists by pages, deletes', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const custom = config.makeApiClient(CustomObjectsApi);
    for (const name of ['a', 'b', 'c'])
      await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name }, data: { name } } });
    expect((await core.readNamespacedConfigMap({ namespace: 'default', name: 'a' })).data).toEqual({ name: 'a' });
    const first = await core.listNamespacedConfigMap({ namespace: 'default', limit: 2 });
    const rest = await core.listNamespacedConfigMap({ namespace: 'default', limit: 2, _continue: first.metadata?._continue ?? '' });
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata?.name)).toEqual(['a', 'b', 'c']);
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'b' });
    await expect(core.readNamespacedConfigMap({ namespace: 'default', name: 'b' })).rejects.toMatchObject({ code: 404 });
    await custom.createNamespacedCustomObject({ ...tekton, body: task('by-client') });
    expect(await custom.getNamespacedCustomObject({ ...tekton, name: 'by-client' })).toMatchObject({
      kind: 'Task',
      metadata: { generation: 1 },
    });
    await expect(custom.createNamespacedCustomObject({ ...tekton, body: { ...task('wrong'), spec: {} } })).rejects.toMatchObject({
      code: 422,
    });
  });

  it('watches from a version', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const { metadata } = await core.listNamespacedConfigMap({ namespace: 'default' });
    const seen: string[] = [];
    const two = deferred();
    const watch = await new Watch(config).watch(
      '/api/v1/namespaces/default/configmaps',
      { resourceVersion: metadata?.resourceVersion },
      (phase, object: { metadata: { name: string } }) => {
        seen.push(`${phase} ${object.metadata.name}`);
        if (seen.length === 2) two.resolve();
      },
      () => undefined,
    );
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'watched' } } });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'watched' });
    await two.promise;
    watch.abort();
    expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
  });

  it('keeps an informer up to date', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const informer = makeInformer(config, '/api/v1/namespaces/default/secrets', () => core.listNamespacedSecret({ namespace: 'default' }));
    const heard: string[] = [];
    const done = deferred();
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, ({ metadata }) => {
        heard.push(`${verb} ${metadata?.name}`);
        if (verb === 'delete') done.resolve();
      });
    }
    await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'before' }, stringData: { a: '1' } } });
    await informer.start();
    const now = await core.readNamespacedSecret({ namespace: 'default', name: 'before' });
    await core.replaceNamespacedSecret({ namespace: 'default', name: 'before', body: { ...now, stringData: { a: '2' } } });
    await core.deleteNamespacedSecret({ namespace: 'default', name: 'before' });
    await done.promise;
    await informer.stop();
    expect(heard).toEqual(['add before', 'update before', 'delete before']);
  });
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
