import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { succeeded } from '../../src/cli/columns.ts';
import { KubeError } from '../../src/kube/kube-client.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import type { CaseServer } from './case-server.ts';
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
export async function runCase(server: CaseServer, { path, file, expected }: Case, limitMs: number): Promise<Outcome> {
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
    for (const written of await documents(path, namespace)) {
      // A cluster knows the CRDs' version alone; upstream's converts by a webhook.
      const object = server.admits
        ? written
        : newest(server.plainImages === undefined ? written : withPlainImages(written, server.plainImages));
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

/** `mirror.gcr.io/alpine@sha256:…` becomes `alpine` behind the prefix: for clusters that reach no registry and have a few images of their own. */
function withPlainImages(object: KubeObject, prefix: string): KubeObject {
  const plain = (image: string): string => image.replace(/^(?:.*\/)?([^/:@]+)(?::[^@]*)?(?:@.*)?$/, `${prefix}$1`);
  return JSON.parse(JSON.stringify(object), (key, value) =>
    key === 'image' && typeof value === 'string' && !value.includes('$(') ? plain(value) : value,
  );
}

function newest(written: KubeObject): KubeObject {
  const { status: _, ...object } = written as KubeObject & { readonly status?: unknown };
  if (object.apiVersion !== 'tekton.dev/v1beta1') return object;
  const admission = admit(object, defaultEngineConfig);
  return admission.ok ? admission.object : object;
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

async function ended({ client }: CaseServer, run: Stored, limitMs: number): Promise<Stored | undefined> {
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
async function allEnded(server: CaseServer, namespace: string, limitMs: number): Promise<readonly Stored[]> {
  const until = Date.now() + limitMs;
  for (;;) {
    const runs = await allRuns(server, namespace);
    if (Date.now() > until || runs.every((run) => ['True', 'False'].includes(succeeded(run)?.status ?? ''))) return runs;
    await pause(50);
  }
}

async function allRuns({ client }: CaseServer, namespace: string): Promise<readonly Stored[]> {
  const kinds = ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun', 'tekton.dev/CustomRun'];
  return (await Promise.all(kinds.map((kind) => client.list(kind, namespace)))).flatMap(({ items }) => items);
}
