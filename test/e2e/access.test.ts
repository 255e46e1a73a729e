import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { field, succeeded } from '../../src/cli/columns.ts';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import type { Stored } from '../../src/resources/object.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let directory: string;
let server: TestServer;
let isolation: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tappet-access-'));
  isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
  server = await startServer(join(directory, 'data'), ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error']);
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The TaskRun once it has succeeded. */
async function ended(name: string): Promise<Stored> {
  for (;;) {
    const run = await server.client.get('tekton.dev/TaskRun', 'default', name);
    if (run !== undefined && succeeded(run)?.status === 'True') return run;
    expect(run && succeeded(run)).not.toMatchObject({ status: 'False' });
    await pause(20);
  }
}

describe('the API', () => {
  it('wants its token on loopback too, and says so', async () => {
    const secrets = `${server.record.api}/api/v1/namespaces/default/secrets`;
    expect((await fetch(secrets)).status).toBe(401);
    expect((await fetch(secrets, { headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } })).status).toBe(401);
    expect((await fetch(secrets, { headers: { authorization: `Bearer ${server.record.token}` } })).status).toBe(200);
    expect((await fetch(`${server.record.api}/readyz`)).status).toBe(200);
  });

  it('keeps the token where only its owner reads, and keeps it over a restart', async () => {
    const file = join(directory, 'data', 'api-token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(server.record.token);
  });

  it('refuses requests addressed to another name, as a page that rebinds its name would send', async () => {
    const { port } = new URL(server.record.api);
    const { request } = await import('node:http');
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port,
        path: '/version',
        headers: { host: 'evil.example', authorization: `Bearer ${server.record.token}` },
      });
      outgoing.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(status).toBe(403);
  });

  it('gives nothing to a step, though a step reaches loopback', async (context) => {
    if (isolation !== 'bubblewrap') context.skip('bubblewrap does not work on this machine');
    const script = `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${new URL(server.record.api).port}
printf 'GET /api/v1/namespaces/default/secrets HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n' >&3
head -n 1 <&3 | tr -d '\\r\\n' > $(results.answer.path)
cat ${join(directory, 'data', 'api-token')} > $(results.token.path) 2>/dev/null || true
`;
    await server.client.create(
      {
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        metadata: { name: 'curious', namespace: 'default' },
        spec: { taskSpec: { results: [{ name: 'answer' }, { name: 'token' }], steps: [{ name: 'look', image: 'any', script }] } },
      },
      'tekton.dev/TaskRun',
    );
    const run = await ended('curious');
    expect(field(run['status'], 'results')).toEqual([
      { name: 'answer', type: 'string', value: 'HTTP/1.1 401 Unauthorized' },
      { name: 'token', type: 'string', value: '' },
    ]);
  });
});

describe('output', () => {
  it('never shows the value of a secret its step was given', async () => {
    await server.client.create(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password', namespace: 'default' }, stringData: { value: 'correct-horse' } },
      'Secret',
    );
    const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'password', key: 'value' } } }];
    await server.client.create(
      {
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        metadata: { name: 'careless', namespace: 'default' },
        spec: { taskSpec: { steps: [{ name: 'tell', image: 'any', env, script: '#!/bin/sh\necho "it is $PASSWORD"\n' }] } },
      },
      'tekton.dev/TaskRun',
    );
    await ended('careless');
    const output: Uint8Array[] = [];
    for await (const chunk of server.client.logs('default', 'careless-pod', { container: 'step-tell' }, new AbortController().signal))
      output.push(chunk);
    expect(Buffer.concat(output).toString('utf8')).toBe('it is ***\n');
  });
});
