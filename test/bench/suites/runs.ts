import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../../src/main/start-engine.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { systemIds } from '../../../src/main/system-ids.ts';
import { admit } from '../../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../../src/resources/engine-config.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import { createScriptedRuntime } from '../../../src/runtimes/scripted/scripted-runtime.ts';
import { openSqlite } from '../../../src/stores/sqlite/open-sqlite.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { median } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

const ROUNDS = 3;
const POD_MS = 100;

interface Load {
  readonly runs: number;
  readonly tasks: number;
  readonly inSequence: boolean;
}

function run(index: number, { tasks, inSequence }: Load): KubeObject {
  const admitted = admit(
    {
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { name: `run-${index}`, namespace: 'default' },
      spec: {
        pipelineSpec: {
          tasks: Array.from({ length: tasks }, (_, place) => ({
            name: `t${place}`,
            ...(inSequence && place > 0 && { runAfter: [`t${place - 1}`] }),
            taskSpec: { steps: [{ name: 'nothing', image: 'bench', command: ['true'] }] },
          })),
        },
      },
    },
    defaultEngineConfig,
  );
  if (!admitted.ok) throw new Error(JSON.stringify(admitted.errors));
  return admitted.object;
}

interface Measured {
  /** From the first create to the end of the last run. */
  readonly ms: number;
  /** Processor time of this process, user and system, per TaskRun. */
  readonly cpuMs: number;
}

async function measure(load: Load): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-runs-'));
  const { store, close } = await openSqlite(directory, { clock: systemClock, ids: systemIds });
  const runtime = createScriptedRuntime({ clock: systemClock, script: () => ({ afterMs: POD_MS }) });
  // The engine's timers keep no process alive; a server has its sockets for that.
  const awake = setInterval(() => undefined, 60_000);
  const engine = await startEngine({ store, runtime, clock: systemClock, logger: silentLogger, config: defaultEngineConfig });
  try {
    const objects = Array.from({ length: load.runs }, (_, index) => run(index, load));
    const watch = store.watch('tekton.dev/PipelineRun', { resourceVersion: (await store.list('tekton.dev/PipelineRun')).resourceVersion });
    const cpu = process.cpuUsage();
    const began = performance.now();
    const created = Promise.all(objects.map((object) => store.create(object)));
    const ended = new Set<string>();
    for await (const { object } of watch) {
      const condition = (object['status'] as { conditions?: readonly { status: string; message: string }[] } | undefined)?.conditions?.[0];
      if (condition?.status === 'False') throw new Error(`${object.metadata.name} failed: ${condition.message}`);
      if (condition?.status === 'True') ended.add(object.metadata.name);
      if (ended.size === load.runs) break;
    }
    await created;
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - began, cpuMs: (user + system) / 1000 / (load.runs * load.tasks) };
  } finally {
    clearInterval(awake);
    await engine.close();
    await runtime.close();
    await close();
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Many runs at once on the scripted runtime, SQLite on disk, each pod 100 ms long: how many TaskRuns a second the engine and the store get
 * through. Upstream on a cluster does 1.4 with its limits as shipped and 8 to 12 with them raised.
 */
export async function runs(): Promise<readonly BenchResult[]> {
  const loads: readonly (readonly [string, Load])[] = [
    ['200 concurrent runs of 3 tasks in sequence', { runs: 200, tasks: 3, inSequence: true }],
    ['20 concurrent runs of 50 parallel tasks', { runs: 20, tasks: 50, inSequence: false }],
  ];
  await measure({ runs: 20, tasks: 3, inSequence: true });
  const results: BenchResult[] = [];
  for (const [what, load] of loads) {
    const rounds: Measured[] = [];
    for (let n = 0; n < ROUNDS; n++) rounds.push(await measure(load));
    const ms = median(rounds.map((round) => round.ms));
    const cpuMs = median(rounds.map((round) => round.cpuMs));
    results.push({
      what,
      value: (load.runs * load.tasks * 1000) / ms,
      unit: 'TaskRuns/s',
      budget: 300,
      atLeast: true,
      note: `${(ms / 1000).toFixed(2)} s in all, ${cpuMs.toFixed(2)} ms of processor a TaskRun`,
    });
  }
  return results;
}
