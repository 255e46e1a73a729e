import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let directory: string;
let from: TestServer;
let to: TestServer;
const on = (name: string, ...args: string[]) => runTappet([...args, '--data-dir', join(directory, name)]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tappet-export-'));
  const flags = ['--isolation', 'process', '--log-level', 'error'];
  [from, to] = await Promise.all([startServer(join(directory, 'from'), flags), startServer(join(directory, 'to'), flags)]);
});
afterAll(async () => {
  await Promise.all([from?.stop(), to?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

it('what is configured moves from one server to another, and runs stay behind', { timeout: 60_000 }, async () => {
  const examples = join(import.meta.dirname, '../../examples');
  await on('from', 'apply', '-f', join(examples, 'github-pull-request'));
  await on('from', 'apply', '-f', join(examples, 'first-pipeline'));
  const folder = join(directory, 'out');
  const exported = await on('from', 'export', '-A', '-o', folder);
  expect(exported).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^\d+ resources in \d+ files below .*, secrets in clear among them\n$/),
  });
  const files = (await readdir(folder, { recursive: true })).map(String);
  expect(files).toEqual(expect.arrayContaining(['default/eventlisteners.triggers.tekton.dev.yaml', 'default/secrets.yaml']));
  expect(files.some((file) => /runs|pods|events\./.test(file))).toBe(false);
  const listener = await readFile(join(folder, 'default/eventlisteners.triggers.tekton.dev.yaml'), 'utf8');
  expect(listener).not.toMatch(/uid:|resourceVersion:|managedFields:|^status:/m);

  expect(await on('to', 'import', '-f', folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('created') });
  expect(await on('to', 'import', '-f', folder)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('created') });
  const again = await on('to', 'export', '-A', '--no-secrets');
  const before = await on('from', 'export', '-A', '--no-secrets');
  expect(documentsOf(again.stdout)).toEqual(documentsOf(before.stdout));
  expect(again.stdout).not.toContain('kind: Secret\n');
});

it('what a cluster wrote is taken without what that one noted, and shown without who manages which field', async () => {
  const shown = await on('from', 'get', 'eventlisteners', '-o', 'yaml');
  expect(shown.stdout).toContain('resourceVersion:');
  expect(shown.stdout).not.toContain('managedFields');
});

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => ('toJS' in document ? document.toJS() : undefined));
}
