import { expect, it, onTestFinished } from 'vitest';
import { createKubeClient } from '../../../src/kube/create-kube-client.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { KubernetesStore } from '../../../src/stores/kubernetes/kubernetes-store.ts';
import { hasOpenssl, newAuthority } from '../../support/certificates.ts';
import { connectionTo } from '../../support/kube-connection.ts';
import { embeddedKubernetes } from '../../support/kubernetes-under-test.ts';
import { localServer } from '../../support/local-server.ts';
import { startRecordingProxy } from './recording-proxy.ts';

it('counts what a store asks for by verb and resource, and passes it on', async () => {
  const { client: direct, namespaces, close } = await embeddedKubernetes();
  const proxy = await startRecordingProxy(connectionTo(direct.server));
  const client = createKubeClient(connectionTo(proxy.url), { clock: systemClock });
  const store = new KubernetesStore({ client, clock: systemClock });
  onTestFinished(async () => {
    await store.close();
    client.close();
    await proxy.close();
    await close();
  });
  const [namespace] = namespaces;
  const watched = store.watch('ConfigMap', { namespace })[Symbol.asyncIterator]().next();
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } };
  await store.create(map);
  await store.get({ kind: 'ConfigMap', namespace, name: 'a' });
  await store.patch({ kind: 'ConfigMap', namespace, name: 'a' }, { metadata: { labels: { a: 'b' } } });
  expect(await watched).toMatchObject({ value: { type: 'ADDED' } });
  await store.delete({ kind: 'ConfigMap', namespace, name: 'a' });
  await client.request({ method: 'GET', path: '/version' });
  expect(Object.fromEntries(proxy.counts())).toEqual({
    'list configmaps': 1,
    'watch configmaps': 1,
    'create configmaps': 1,
    'get configmaps': 2,
    'patch configmaps': 1,
    'delete configmaps': 1,
    'get /version': 1,
  });
  expect([...proxy.counts()][0]).toEqual(['get configmaps', 2]);
  expect(proxy.total).toBe(8);
  proxy.reset();
  expect(proxy.total).toBe(0);
  await client
    .request({ method: 'PUT', path: `/apis/tekton.dev/v1/namespaces/${namespace}/taskruns/a/status`, body: {} })
    .catch(() => undefined);
  await client.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}` });
  expect([...proxy.counts().keys()].sort()).toEqual(['get namespaces', 'update taskruns/status']);
});

it.skipIf(!hasOpenssl)('speaks TLS to the server, with the credentials of the connection', async () => {
  const authority = newAuthority();
  const server = await localServer((_, response) => response.end('{}'), authority.issue(['DNS:kubernetes']));
  const proxy = await startRecordingProxy({ ...connectionTo(server.url), authority: authority.certificate, serverName: 'kubernetes' });
  const answer = await fetch(`${proxy.url}/version`, { headers: { authorization: 'Bearer theirs', 'impersonate-user': 'bot' } });
  expect(answer.status).toBe(200);
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret-token', 'impersonate-user': 'bot' });
  expect(JSON.parse(proxy.kubeconfig)).toMatchObject({ clusters: [{ cluster: { server: proxy.url } }] });
  await proxy.close();
});
