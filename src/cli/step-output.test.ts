import { expect, it } from 'vitest';
import { connectionTo } from '../../test/support/kube-connection.ts';
import { localServer } from '../../test/support/local-server.ts';
import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { ApiClient } from './api-client.ts';
import type { InCluster } from './reach.ts';
import { StepOutput } from './step-output.ts';

const step = {
  name: 'do',
  image: 'any',
  command: ['true'],
  env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'forge', key: 'token' } } }],
};
const taskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { name: 't', namespace: 'ci', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { serviceAccountName: 'bot', taskSpec: { steps: [step] } },
  status: { podName: 't-pod', taskSpec: { steps: [step] } },
} as unknown as Stored<TaskRun>;

const encoded = (value: string): string => Buffer.from(value).toString('base64');
const answers: Readonly<Record<string, object>> = {
  '/api/v1/namespaces/ci/secrets/forge': { metadata: { name: 'forge' }, data: { token: encoded('s3cr3t-of-forge\n') } },
  '/api/v1/namespaces/ci/serviceaccounts/bot': { metadata: { name: 'bot' }, secrets: [{ name: 'git' }] },
  '/api/v1/namespaces/ci/secrets/git': {
    metadata: { name: 'git', annotations: { 'tekton.dev/git-0': 'https://forge.example' } },
    type: 'kubernetes.io/basic-auth',
    data: { username: encoded('somebody'), password: encoded('hunter22') },
  },
};

async function setUp(mayRead: (path: string) => boolean, inCluster?: InCluster) {
  const server = await localServer(({ path }, response) => {
    const body = answers[path];
    const [code, answer] = !mayRead(path)
      ? [403, { kind: 'Status', code: 403, reason: 'Forbidden', message: `${path} is forbidden` }]
      : body === undefined
        ? [404, { kind: 'Status', code: 404, reason: 'NotFound', message: 'none' }]
        : [200, body];
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const notes: string[] = [];
  const client = new ApiClient({ connection: connectionTo(server.url), ingress: '', inCluster });
  const output = new StepOutput({ client, note: (text) => void notes.push(text) });
  const shown = async (...chunks: readonly string[]): Promise<string> => {
    async function* written(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    const parts: Uint8Array[] = [];
    for await (const part of output.masked(taskRun, written())) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  return { shown, notes, server };
}

const inCluster: InCluster = { namespace: 'tappet', service: 'tappet-api', token: undefined };

it('masks what a cluster hands out as it was written: values of variables and of credentials, also in pieces', async () => {
  const { shown, notes } = await setUp(() => true, inCluster);
  expect(await shown('token s3cr3t-', 'of-forge, somebody:hunter22\n')).toBe('token ***, somebody:***\n');
  expect(notes).toEqual([]);
});

it('says once that somebody may not read the Secrets', async () => {
  const { shown, notes } = await setUp((path) => !path.includes('/secrets/'), inCluster);
  expect([await shown('token s3cr3t-of-forge\n'), await shown('again\n')]).toEqual(['token s3cr3t-of-forge\n', 'again\n']);
  expect(notes).toEqual(['values of Secrets are not masked: /api/v1/namespaces/ci/secrets/forge is forbidden']);
});

it('leaves what a server of ours has masked as it is, and asks nothing', async () => {
  const { shown, server } = await setUp(() => true);
  expect(await shown('token ***\n')).toBe('token ***\n');
  expect(server.requests).toEqual([]);
});
