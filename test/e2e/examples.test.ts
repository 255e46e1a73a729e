import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { field, succeeded } from '../../src/cli/columns.ts';
import { demoRepository } from '../../src/cli/demo-repository.ts';
import type { EventEntry } from '../../src/cli/event.ts';
import { readManifests } from '../../src/cli/read-manifests.ts';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { groupKindOf, type Stored } from '../../src/resources/object.ts';
import { runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** What an example's `test/expect.yaml` says. */
interface Expectation {
  readonly event?: { readonly name: string; readonly listener: string; readonly secret: string; readonly set: readonly string[] };
  readonly verdicts?: Readonly<Record<string, string>>;
  readonly run: {
    readonly status: string;
    readonly reason: string;
    readonly results?: Readonly<Record<string, string>>;
    readonly skipped?: readonly string[];
  };
}

let directory: string;
let server: TestServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tappet-examples-'));
  const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
  server = await startServer(join(directory, 'data'), ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error']);
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const names = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);

describe('examples', () => {
  it.each(names)(
    '%s does what it says',
    async (name) => {
      const folder = join(EXAMPLES, name);
      const variables = await variablesOf(folder, join(directory, name));
      const expectation = await readExpectation(folder, variables);
      const namespace = `example-${name}`;
      await server.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, 'Namespace');

      let run: Stored | undefined;
      for (const { object } of (await readManifests([folder])).manifests) {
        const { object: created } = await server.client.create(
          { ...object, metadata: { ...object.metadata, namespace } },
          groupKindOf(object),
        );
        if (created.kind === 'PipelineRun') run ??= created;
      }
      if (expectation.event !== undefined) {
        const entry = await send(namespace, expectation.event);
        expect(Object.fromEntries(entry.verdicts.map((verdict) => [verdict.trigger, verdict.verdict]))).toEqual(expectation.verdicts);
        const made = entry.verdicts.flatMap((verdict) => (verdict.verdict === 'matched' ? verdict.created : []));
        run = await server.client.get('tekton.dev/PipelineRun', namespace, made[0]?.name ?? '');
      }
      const ended = await endOf(run);
      const condition = succeeded(ended);
      expect({
        status: condition?.status,
        reason: condition?.reason,
        results: Object.fromEntries(
          entries(field(ended['status'], 'results')).map((result) => [field(result, 'name'), field(result, 'value')]),
        ),
        skipped: entries(field(ended['status'], 'skippedTasks')).map((task) => field(task, 'name')),
      }).toEqual({ skipped: [], results: {}, ...expectation.run });
      await variables.close();
    },
    60_000,
  );
});

interface Variables {
  readonly values: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A `repository/` folder becomes a git repository served on loopback; its address and commit are the variables. */
async function variablesOf(folder: string, scratch: string): Promise<Variables> {
  const sources = join(folder, 'repository');
  if (
    !(await stat(sources).then(
      (info) => info.isDirectory(),
      () => false,
    ))
  )
    return { values: {}, close: async () => {} };
  const { url, sha, close } = await demoRepository(sources, scratch);
  return { values: { url, sha }, close };
}

async function readExpectation(folder: string, { values }: Variables): Promise<Expectation> {
  const text = await readFile(join(folder, 'test', 'expect.yaml'), 'utf8');
  return parse(text.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
}

async function send(namespace: string, event: NonNullable<Expectation['event']>): Promise<EventEntry> {
  const flags = event.set.flatMap((change) => ['--set', change]);
  const { code, stdout, stderr } = await runTappet(
    ['send', event.name, '--listener', event.listener, '--namespace', namespace, '--data-dir', join(directory, 'data'), ...flags],
    { TAPPET_WEBHOOK_SECRET: event.secret },
  );
  expect(code, stderr).toBe(0);
  for (;;) {
    const entry = await server.client.event<EventEntry>(stdout.trim());
    if (entry?.state === 'processed') return entry;
    await pause(20);
  }
}

async function endOf(run: Stored | undefined): Promise<Stored> {
  if (run === undefined) throw new Error('the example made no PipelineRun');
  for (;;) {
    const now = await server.client.get('tekton.dev/PipelineRun', run.metadata.namespace, run.metadata.name);
    if (now === undefined) throw new Error('the run is gone');
    if (['True', 'False'].includes(succeeded(now)?.status ?? '')) return now;
    await pause(50);
  }
}

function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

describe('their triggers', () => {
  it('are tested, all of them', async () => {
    const { code, stdout } = await runTappet(['trigger', 'test', EXAMPLES, '--require-coverage']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\n\d+ passed, 0 failed\n$/)]);
  });
});
