import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { KubeError } from '../../src/kube/kube-client.ts';
import { groupKindOf, type KubeObject } from '../../src/resources/object.ts';
import { resourceTypes } from '../../src/resources/registry.ts';
import { startServer, type TestServer } from '../../test/support/test-server.ts';
import { type Counts, type Suite, UsageError } from './suite.ts';

/**
 * Folders of upstream's example listeners, each with the request upstream's own check sends (`request.json`): all YAML is applied, sorted by path,
 * the request is sent to the folder's EventListener, and at least one object labelled with the answered event id must be created.
 */
export const suite: Suite = { usage: 'FOLDER [FOLDER ...]', run };

/** As upstream's harness waits, and a little for a slow machine. */
const CREATED_WITHIN_MS = 5_000;

async function run(args: readonly string[]): Promise<Counts> {
  if (args.length === 0) throw new UsageError('triggers: no folder given');
  let passed = 0;
  let failed = 0;
  for (const folder of (await Promise.all(args.map(foldersOf))).flat().sort()) {
    const problem = await tryFolder(folder);
    if (problem === undefined) passed++;
    else failed++;
    process.stdout.write(
      `${problem === undefined ? 'ok  ' : 'FAIL'} ${relative('.', folder)}${problem === undefined ? '' : `  ${problem}`}\n`,
    );
  }
  return { passed, failed };
}

/** A folder that has a request, or those below it. */
async function foldersOf(path: string): Promise<readonly string[]> {
  const files = await readdir(path, { recursive: true });
  const folders = files.filter((file) => basename(file) === 'request.json').map((file) => resolve(path, dirname(file)));
  if (folders.length === 0) throw new UsageError(`${path}: no request.json in it or below`);
  return folders;
}

/** On a server of its own: the folders share names. Gives what is wrong. */
async function tryFolder(folder: string): Promise<string | undefined> {
  const data = await mkdtemp(join(tmpdir(), 'tappet-conformance-'));
  const server = await startServer(data, ['--runs', 'none', '--isolation', 'process', '--log-level', 'warn']);
  try {
    await applyFolder(server, folder);
    const listener = await listenerOf(server, folder);
    if (typeof listener === 'string') return listener;
    const request: { method: string; headers: Record<string, string>; body: string } = JSON.parse(
      await readFile(join(folder, 'request.json'), 'utf8'),
    );
    const { namespace, name } = listener.metadata;
    const answer = await fetch(`${server.record.ingress}/${namespace}/${name}`, {
      method: request.method,
      headers: request.headers,
      body: request.body,
    });
    const text = await answer.text();
    if (!answer.ok) return `answered ${answer.status}: ${text.trim()}`;
    return await created(server, String(JSON.parse(text).eventID));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return `not admitted: ${error.message} ${error.causes.map(({ field, message }) => `${field}: ${message}`).join('; ')}`;
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function applyFolder({ client }: TestServer, folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.ya?ml$/.test(file)).sort();
  for (const file of files) {
    for (const document of parseAllDocuments(await readFile(join(folder, file), 'utf8'))) {
      const object: KubeObject | null = document.toJS();
      if (object === null) continue;
      const type = resourceTypes.find(
        ({ group, kind }) => groupKindOf({ apiVersion: `${group === '' ? '' : `${group}/`}x`, kind }) === groupKindOf(object),
      );
      const namespace = type?.namespaced === false ? {} : { namespace: object.metadata.namespace ?? 'default' };
      await client.create({ ...object, metadata: { ...object.metadata, ...namespace } }, groupKindOf(object));
    }
  }
}

/** `<folder>-listener` by upstream's rule, or the only one there is. */
async function listenerOf({ client }: TestServer, folder: string): Promise<KubeObject | string> {
  const { items } = await client.list('triggers.tekton.dev/EventListener', undefined);
  const name = `${basename(folder)}-listener`;
  const found = items.find(({ metadata }) => metadata.name === name) ?? (items.length === 1 ? items[0] : undefined);
  return found ?? `no EventListener ${name} among ${items.map(({ metadata }) => metadata.name).join(', ') || 'none'}`;
}

async function created({ client }: TestServer, eventId: string): Promise<string | undefined> {
  const labelSelector = `triggers.tekton.dev/triggers-eventid=${eventId}`;
  const kinds = ['tekton.dev/TaskRun', 'tekton.dev/PipelineRun', 'ConfigMap'];
  const until = Date.now() + CREATED_WITHIN_MS;
  while (Date.now() < until) {
    const lists = await Promise.all(kinds.map((kind) => client.list(kind, undefined, { labelSelector })));
    if (lists.some(({ items }) => items.length > 0)) return undefined;
    await pause(50);
  }
  const entry = await client.event<{ verdicts: readonly unknown[] }>(eventId);
  return `nothing was created for event ${eventId}: ${JSON.stringify(entry?.verdicts)}`;
}
