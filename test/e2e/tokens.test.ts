import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOpenssl, newAuthority } from '../support/certificates.ts';
import { hasKubectl, type Kubectl, kubectl } from '../support/kubectl.ts';
import { runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'tappet-tokens-'));
const dataDir = join(folder, 'data');
let server: TestServer;
beforeAll(async () => {
  server = await startServer(dataDir, ['--engine', 'none', '--log-level', 'error']);
  for (const name of ['ci', 'other']) await server.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'Namespace');
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'password', namespace: 'ci' },
    stringData: { value: 'correct-horse' },
  };
  await server.client.create(secret, 'Secret');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function newToken(...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTappet(['token', 'create', '--data-dir', dataDir, ...flags]);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function call(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(server.record.api + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** The records of one user, once there are so many. */
async function audited(user: string, count: number): Promise<readonly Record<string, unknown>[]> {
  for (;;) {
    const lines = (await readFile(join(dataDir, 'audit.log'), 'utf8')).trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line)).filter((record) => record.user.username === user);
    if (records.length >= count) return records;
    await pause(20);
  }
}

const run = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { generateName: 'r-' }, spec: { pipelineRef: { name: 'p' } } };

describe('tokens', () => {
  it('of viewers read everything but secrets, and change nothing', async () => {
    const token = await newToken('looks', '--role', 'viewer');
    expect((await call(token, 'GET', '/apis/tekton.dev/v1/namespaces/ci/pipelineruns')).status).toBe(200);
    const { status, text } = await call(token, 'GET', '/api/v1/namespaces/ci/secrets/password');
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({
      kind: 'Status',
      reason: 'Forbidden',
      message:
        'secrets "password" is forbidden: User "token:looks" (viewer) cannot get resource "secrets" in API group "" in the namespace "ci": it takes a token of the role admin',
    });
    expect((await call(token, 'GET', '/api/v1/secrets?watch=1')).status).toBe(403);
    expect((await call(token, 'POST', '/apis/tekton.dev/v1/namespaces/ci/pipelineruns', run)).status).toBe(403);
    expect((await call(token, 'GET', '/apis/tappet.dev/v1alpha1/accesstokens')).status).toBe(403);
  });

  it('of a namespace see nothing of another, and no event of its listeners', async () => {
    const token = await newToken('--role', 'runner', '-n', 'ci');
    expect((await call(token, 'POST', '/apis/tekton.dev/v1/namespaces/ci/pipelineruns', run)).status).toBe(201);
    const { status, text } = await call(token, 'POST', '/apis/tekton.dev/v1/namespaces/other/pipelineruns', run);
    expect(status).toBe(403);
    expect(text).toContain('its token is for the namespace ci alone');
    expect((await call(token, 'GET', '/apis/tekton.dev/v1/pipelineruns')).status).toBe(403);
    expect((await call(token, 'GET', '/apis/tappet.dev/v1alpha1/events/none')).status).toBe(403);
  });

  it('are kept as hashes, never update to more, and end when they are revoked', async () => {
    const token = await newToken('short', '--role', 'viewer', '--expires', '90d', '--description', 'of a test');
    const known = await server.client.get('tappet.dev/AccessToken', undefined, 'short');
    expect(known?.['spec']).toMatchObject({ role: 'viewer', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), description: 'of a test' });
    expect(JSON.stringify(known)).not.toContain(token);
    await expect(server.client.patch('tappet.dev/AccessToken', undefined, 'short', { spec: { role: 'admin' } })).rejects.toThrow(
      'spec.role: must not change the field(s): delete the token and create another',
    );
    expect((await call(token, 'GET', '/version')).status).toBe(200);
    const { stdout } = await runTappet(['token', 'revoke', 'short', '--data-dir', dataDir]);
    expect(stdout).toBe('accesstoken.tappet.dev/short revoked\n');
    await expect.poll(async () => (await call(token, 'GET', '/version')).status).toBe(401);
  });

  it('that have expired are refused', async () => {
    const token = await newToken('over', '--role', 'admin');
    await server.client.patch('tappet.dev/AccessToken', undefined, 'over', { spec: { expiresAt: '2020-01-01T00:00:00Z' } });
    await expect.poll(async () => (await call(token, 'GET', '/version')).status).toBe(401);
  });

  it.each([
    [['--role', 'boss'], '--role: got "boss", expected one of viewer, runner, approver, admin'],
    [['--role', 'viewer', '--expires', 'soon'], '--expires: got "soon", expected e.g. 90d or 12h'],
  ])('are not made of %j', async (flags, expected) => {
    const { code, stderr } = await runTappet(['token', 'create', '--data-dir', dataDir, ...flags]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(expected) });
  });
});

describe('the audit log', () => {
  it('has changes, refusals and reads of secrets, by whom and what came of it', async () => {
    const token = await newToken('auditor', '--role', 'runner');
    await call(token, 'GET', '/apis/tekton.dev/v1/namespaces/ci/pipelineruns');
    const created = await call(token, 'POST', '/apis/tekton.dev/v1/namespaces/ci/pipelineruns', run);
    await call(token, 'GET', '/api/v1/namespaces/ci/secrets/password');
    const [first, second, ...others] = await audited('token:auditor', 2);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      verb: 'create',
      user: { username: 'token:auditor', groups: ['tappet:runner'] },
      sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'pipelineruns', namespace: 'ci', apiGroup: 'tekton.dev', name: JSON.parse(created.text).metadata.name },
      responseStatus: { code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    expect(second).toMatchObject({
      verb: 'get',
      objectRef: { resource: 'secrets', name: 'password' },
      responseStatus: { code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    expect(await readFile(join(dataDir, 'audit.log'), 'utf8')).not.toMatch(/correct-horse|tappet_/);
  });
});

describe.skipIf(!hasKubectl())('kubectl', () => {
  let client: Kubectl;
  beforeAll(() => {
    client = kubectl(join(dataDir, 'kubeconfig'));
  });
  afterAll(() => client?.close());

  it('asks what it may, and who it is', async () => {
    const token = await newToken('asker', '--role', 'viewer', '-n', 'ci');
    // A token beside that of the kubeconfig is the one that counts.
    const ask = (...args: string[]) => client.run(['--token', token, ...args]);
    expect((await ask('auth', 'can-i', 'list', 'pipelineruns.tekton.dev', '-n', 'ci')).stdout).toBe('yes\n');
    expect((await ask('auth', 'can-i', 'get', 'secrets', '-n', 'ci')).stdout).toContain('no');
    expect((await ask('auth', 'can-i', 'list', 'pipelineruns.tekton.dev', '-n', 'other')).stdout).toContain('no');
    expect((await ask('auth', 'whoami', '-o', 'json')).stdout).toContain('"username": "token:asker"');
    const refused = await ask('get', 'secrets', '-n', 'ci');
    expect(refused.stderr).toContain('Error from server (Forbidden): secrets is forbidden: User "token:asker" (viewer of ci) cannot list');
  });
});

describe.skipIf(!hasOpenssl)("the API's own certificate", () => {
  it('is the one that is configured, and the kubeconfig trusts whom it is signed by', async () => {
    const authority = newAuthority();
    const { key, cert } = authority.issue(['IP:127.0.0.1']);
    const file = await writeFiles({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': authority.certificate });
    const apiTls = { certificateFile: file('tls.crt'), keyFile: file('tls.key'), caFile: file('ca.crt') };
    const config = await writeFiles({ 'config.yaml': JSON.stringify({ apiTls }) });
    const other = await startServer(join(folder, 'own-certificate'), ['--config', config('config.yaml'), '--engine', 'none']);
    try {
      const kubeconfig = await readFile(join(folder, 'own-certificate', 'kubeconfig'), 'utf8');
      expect(kubeconfig).toContain(Buffer.from(authority.certificate).toString('base64'));
      if (!hasKubectl()) return;
      const client = kubectl(join(folder, 'own-certificate', 'kubeconfig'));
      expect(await client.run(['get', 'namespaces', '-o', 'name'])).toMatchObject({ code: 0, stdout: 'namespace/default\n' });
      client.close();
    } finally {
      await other.stop();
    }
  });

  it('says which file is wrong', async () => {
    const authority = newAuthority();
    const [one, another] = [authority.issue(['IP:127.0.0.1']), authority.issue(['IP:127.0.0.1'])];
    const file = await writeFiles({ 'a.crt': one.cert, 'b.key': another.key });
    const apiTls = { certificateFile: file('a.crt'), keyFile: file('b.key') };
    const config = await writeFiles({ 'wrong.yaml': JSON.stringify({ apiTls }) });
    const { code, stderr } = await runTappet([
      'serve',
      '--data-dir',
      join(folder, 'none'),
      '--api',
      '127.0.0.1:0',
      '--config',
      config('wrong.yaml'),
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`apiTls: ${file('a.crt')} and ${file('b.key')} do not go together`);
  });
});

async function writeFiles(files: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}
