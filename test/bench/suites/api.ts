import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/main/system-clock.ts';
import { systemIds } from '../../../src/main/system-ids.ts';
import type { Store } from '../../../src/ports/store.ts';
import { admit } from '../../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../../src/resources/engine-config.ts';
import { resourceTypes } from '../../../src/resources/registry.ts';
import { createApi } from '../../../src/server/api.ts';
import { type Listening, listen } from '../../../src/server/listen.ts';
import { openSqlite } from '../../../src/stores/sqlite/open-sqlite.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { median } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

const RUNS = 100_000;
const PAGE = 500;
const WATCHERS = 500;
const CHANGES = 20;
const AT_ONCE = 1_000;
const RUNS_PATH = '/apis/tekton.dev/v1/pipelineruns';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** A finished run of five tasks, as the engine leaves it. */
function finishedRun(index: number): Parameters<Store['create']>[0] {
  const time = new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString().replace('.000', '');
  const tasks = Array.from({ length: 5 }, (_, task) => `task-${task}`);
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name: `run-${String(index).padStart(6, '0')}`,
      namespace: `team-${index % 20}`,
      labels: { 'tekton.dev/pipeline': `pipeline-${index % 50}` },
    },
    spec: {
      pipelineRef: { name: `pipeline-${index % 50}` },
      params: [{ name: 'revision', value: `commit-${index}` }],
      timeouts: { pipeline: '1h0m0s' },
    },
    status: {
      startTime: time,
      completionTime: time,
      conditions: [
        {
          type: 'Succeeded',
          status: 'True',
          reason: 'Succeeded',
          message: 'Tasks Completed: 5 (Failed: 0, Cancelled 0), Skipped: 0',
          lastTransitionTime: time,
        },
      ],
      childReferences: tasks.map((name) => ({
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        name: `run-${index}-${name}`,
        pipelineTaskName: name,
      })),
    },
  };
}

/** The API over SQLite on disk: lists of very many runs, very many watchers. */
export async function api(): Promise<readonly BenchResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-api-'));
  const { store, journal, close } = await openSqlite(directory, { clock: systemClock, ids: systemIds });
  const served = createApi({
    store,
    journal,
    resourceTypes,
    admit: (raw) => admit(raw, defaultEngineConfig),
    podLogs: async function* () {},
    clock: systemClock,
    logger: silentLogger,
    version: '0',
    access: { allowedHosts: [] },
  });
  const server = await listen({ handler: served.app, host: '127.0.0.1', port: 0, name: 'api', portOption: '--api', requestTimeoutMs: 0 });
  try {
    for (let start = 0; start < RUNS; start += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => store.create(finishedRun(start + offset))));
    }
    const first = await timed(() => read(server, `${RUNS_PATH}?limit=${PAGE}`));
    const table = await timed(() => read(server, `${RUNS_PATH}?limit=${PAGE}`, TABLE));
    const selected = await timed(() =>
      read(server, `${RUNS_PATH}?limit=${PAGE}&labelSelector=${encodeURIComponent('tekton.dev/pipeline=pipeline-7')}`),
    );
    const { middle, last } = await watched(server, store);
    const note = `${RUNS} runs of 5 tasks, over HTTP, median of 9`;
    return [
      { what: `list of 100,000 runs, first page of ${PAGE}`, value: first, unit: 'ms', budget: 100, note },
      { what: 'the same as a table', value: table, unit: 'ms', budget: 100, note },
      { what: 'the same of one pipeline, by label', value: selected, unit: 'ms', note },
      {
        what: `status change to the middle of ${WATCHERS} watchers`,
        value: middle,
        unit: 'ms',
        note: `to the last ${last.toFixed(1)} ms; the readers share this process; median of ${CHANGES} changes`,
      },
    ];
  } finally {
    served.close();
    await server.close(0);
    await close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 10; n++) {
    const began = performance.now();
    await work();
    if (n > 0) times.push(performance.now() - began);
  }
  return median(times);
}

async function open({ url }: Listening, path: string, accept = 'application/json'): Promise<IncomingMessage> {
  const [response] = await once(get(`${url}${path}`, { headers: { accept }, agent: false }), 'response');
  return response;
}

async function read(server: Listening, path: string, accept?: string): Promise<number> {
  const response = await open(server, path, accept);
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`);
  let size = 0;
  for await (const chunk of response) size += chunk.length;
  return size;
}

/** Milliseconds from the call that changes a status until watchers have the line that tells of it. */
async function watched(server: Listening, store: Store): Promise<{ readonly middle: number; readonly last: number }> {
  const { resourceVersion } = await store.list('tekton.dev/PipelineRun', { limit: 1 });
  const path = `${RUNS_PATH}?watch=1&resourceVersion=${resourceVersion}`;
  const watchers: IncomingMessage[] = [];
  for (let n = 0; n < WATCHERS; n++) watchers.push(await open(server, path));
  const middles: number[] = [];
  const lasts: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const began = performance.now();
    const arrivals = watchers.map(async (watcher) => {
      await once(watcher, 'data');
      return performance.now() - began;
    });
    await store.patch(
      { kind: 'tekton.dev/PipelineRun', namespace: 'team-0', name: 'run-000000' },
      { status: { change } },
      { subresource: 'status' },
    );
    const times = await Promise.all(arrivals);
    middles.push(median(times));
    lasts.push(Math.max(...times));
  }
  for (const watcher of watchers) watcher.destroy();
  return { middle: median(middles), last: median(lasts) };
}
