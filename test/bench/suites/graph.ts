import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../../src/main/start-engine.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { systemIds } from '../../../src/main/system-ids.ts';
import { admit } from '../../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../../src/resources/engine-config.ts';
import { createScriptedRuntime } from '../../../src/runtimes/scripted/scripted-runtime.ts';
import { openSqlite } from '../../../src/stores/sqlite/open-sqlite.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { median } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

/** A graph of no-ops in layers of 25, each task after two of the layer before; SQLite on disk, pods scripted to end at once. */
function graphRun(name: string, tasks: number): unknown {
  const width = 25;
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name, namespace: 'default' },
    spec: {
      pipelineSpec: {
        tasks: Array.from({ length: tasks }, (_, index) => ({
          name: `t${index}`,
          ...(index < width
            ? {}
            : { runAfter: [...new Set([`t${index - width}`, `t${index - (index % width) - width + ((index + 1) % width)}`])] }),
          taskSpec: { steps: [{ name: 'nothing', image: 'bench', command: ['true'] }] },
        })),
      },
    },
  };
}

interface Measured {
  readonly ms: number;
  /** Processor time of this process, user and system. */
  readonly cpuMs: number;
}

async function measure(tasks: number): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-graph-'));
  const { store, close } = await openSqlite(directory, { clock: systemClock, ids: systemIds });
  const runtime = createScriptedRuntime({ clock: systemClock });
  const engine = await startEngine({ store, runtime, clock: systemClock, logger: silentLogger, config: defaultEngineConfig });
  try {
    const admitted = admit(graphRun('graph', tasks), defaultEngineConfig);
    if (!admitted.ok) throw new Error(JSON.stringify(admitted.errors));
    const cpu = process.cpuUsage();
    const began = performance.now();
    const watch = store.watch('tekton.dev/PipelineRun', { resourceVersion: (await store.list('tekton.dev/PipelineRun')).resourceVersion });
    await store.create(admitted.object);
    for await (const { object } of watch) {
      const condition = (object['status'] as { conditions?: readonly { status: string; message: string }[] } | undefined)?.conditions?.[0];
      if (condition?.status === 'False') throw new Error(`the graph failed: ${condition.message}`);
      if (condition?.status === 'True') break;
    }
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
  } finally {
    await engine.close();
    await runtime.close();
    await close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Graphs of no-ops on the scripted runtime: the engine's own cost, store included. */
export async function graph(): Promise<readonly BenchResult[]> {
  await measure(100);
  const perTask = new Map<number, number>();
  let thousand: Measured = { ms: 0, cpuMs: 0 };
  for (const tasks of [100, 1_000, 5_000]) {
    const rounds = tasks === 5_000 ? 1 : 3;
    const measured: Measured[] = [];
    for (let n = 0; n < rounds; n++) measured.push(await measure(tasks));
    const middle = { ms: median(measured.map(({ ms }) => ms)), cpuMs: median(measured.map(({ cpuMs }) => cpuMs)) };
    perTask.set(tasks, middle.ms / tasks);
    if (tasks === 1_000) thousand = middle;
  }
  const note = [...perTask].map(([tasks, ms]) => `${tasks}: ${ms.toFixed(2)} ms`).join(', ');
  return [
    {
      what: 'graph of 1,000 no-ops, scripted runtime',
      value: thousand.ms / 1000,
      unit: 's',
      budget: 2,
      note: `${(thousand.cpuMs / 1000).toFixed(2)} s of processor`,
    },
    {
      what: 'graph: cost per task, 5,000 against 100',
      value: (perTask.get(5_000) ?? Number.NaN) / (perTask.get(100) ?? Number.NaN),
      unit: 'times',
      note: `a task at ${note}`,
    },
  ];
}
