import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { succeeded } from '../../src/cli/columns.ts';
import { KubeError } from '../../src/kube/kube-client.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import type { TestServer } from '../../test/support/test-server.ts';
import type { Case } from './cases.ts';

export interface Outcome {
  readonly path: string;
  readonly file: string;
  readonly passed: boolean;
  readonly detail: string;
  /** The reason it should end with; absent: any. */
  readonly expected: string | undefined;
  readonly tookMs: number;
  /** Every run of the namespace as it ended. */
  readonly runs: readonly Stored[];
}

/**
 * Runs one file as upstream's own test does: a fresh namespace, every document created as it stands, then the first run of the folder's
 * kind must end with `Succeeded=True` and the reason given.
 */
export async function runCase(server: TestServer, { path, file, expected }: Case, limitMs: number): Promise<Outcome> {
  const started = Date.now();
  const end = (passed: boolean, detail: string, runs: readonly Stored[] = []): Outcome => ({
    path,
    file,
    passed,
    detail,
    expected,
    runs,
    tookMs: Date.now() - started,
  });
  const namespace = `c-${file
    .replace(/\.ya?ml$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')}`
    .slice(0, 60)
    .replace(/-+$/, '');
  const wanted = wantedKinds(path);
  let first: Stored | undefined;
  try {
    await server.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, 'Namespace');
    for (const object of await documents(path, namespace)) {
      const { object: created } = await server.client.create(object, groupKindOf(object));
      if (first === undefined && wanted.includes(created.kind)) first = created;
    }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const causes = error.causes.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return end(false, `not admitted: ${causes === '' ? error.message : causes}`);
  }
  if (first === undefined) return end(false, `no ${wanted.join(' or ')} in the file`);
  const run = await ended(server, first, limitMs);
  const runs = await allEnded(server, namespace, limitMs - (Date.now() - started));
  const condition = run === undefined ? undefined : succeeded(run);
  if (condition?.status === 'True' && (expected === undefined || condition.reason === expected))
    return end(true, condition.reason ?? '', runs);
  const got = condition === undefined ? 'no condition' : `${condition.status}/${condition.reason}: ${condition.message}`;
  return end(false, `expected True/${expected ?? 'any reason'}, got ${got}`, runs);
}

/** Upstream tells by the folder; elsewhere the first run of either kind is meant. */
function wantedKinds(path: string): readonly string[] {
  if (path.includes('/taskruns/')) return ['TaskRun'];
  return path.includes('/pipelineruns/') ? ['PipelineRun'] : ['PipelineRun', 'TaskRun'];
}

async function documents(path: string, namespace: string): Promise<readonly KubeObject[]> {
  const text = await readFile(path, 'utf8');
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null)
    .map((object: KubeObject) => {
      const own = object.metadata?.namespace;
      return { ...object, metadata: { ...object.metadata, ...(own === undefined || own === 'default' ? { namespace } : {}) } };
    });
}

async function ended({ client }: TestServer, run: Stored, limitMs: number): Promise<Stored | undefined> {
  const until = Date.now() + limitMs;
  let now: Stored | undefined = run;
  while (Date.now() < until) {
    now = await client.get(groupKindOf(run), run.metadata.namespace, run.metadata.name);
    if (now === undefined) return undefined;
    const status = succeeded(now)?.status;
    if (status === 'True' || status === 'False') return now;
    await pause(50);
  }
  return now;
}

/** The other runs of the file end when they end. */
async function allEnded(server: TestServer, namespace: string, limitMs: number): Promise<readonly Stored[]> {
  const until = Date.now() + limitMs;
  for (;;) {
    const runs = await allRuns(server, namespace);
    if (Date.now() > until || runs.every((run) => ['True', 'False'].includes(succeeded(run)?.status ?? ''))) return runs;
    await pause(50);
  }
}

async function allRuns({ client }: TestServer, namespace: string): Promise<readonly Stored[]> {
  const kinds = ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun', 'tekton.dev/CustomRun'];
  return (await Promise.all(kinds.map((kind) => client.list(kind, namespace)))).flatMap(({ items }) => items);
}
