import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { succeeded } from '../../src/cli/columns.ts';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
const FLAGS = ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error'];

const scratch: string[] = [];
const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
  for (const directory of scratch.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A server that can be killed and started again on the same data, and the folder that its steps and this test share. */
async function premises() {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-adoption-'));
  scratch.push(directory);
  const dataDir = join(directory, 'data');
  const start = async (): Promise<TestServer> => {
    const server = await startServer(dataDir, FLAGS);
    servers.push(server);
    return server;
  };
  let server = await start();
  const shared = (name: string): string => join(dataDir, 'volumes', 'default', 'shared', name);
  const text = async (name: string): Promise<string> => (existsSync(shared(name)) ? readFile(shared(name), 'utf8') : '');
  return {
    api: () => server.client,
    kill: () => server.stop('SIGKILL'),
    async restart() {
      server = await start();
    },
    text,
    write: (name: string) => writeFile(shared(name), ''),
    until: (name: string) => eventually(async () => ((await text(name)) === '' ? undefined : true)),
    done: (name: string) =>
      eventually(async () => {
        const run = await server.client.get('tekton.dev/PipelineRun', 'default', name);
        return ['True', 'False'].includes((run && succeeded(run)?.status) ?? '') ? run : undefined;
      }),
    async log(pod: string) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of server.client.logs('default', pod, { container: 'step-work' }, new AbortController().signal))
        chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
  };
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(10);
  }
}

/** A run of one step, which leaves a line each time it runs, and of one more task behind it. */
const run = (script: string): KubeObject => {
  const workspaces = [{ name: 'shared' }];
  const lines = ['#!/bin/sh', 'cd $(workspaces.shared.path)', 'echo ran >> work', 'echo before', script];
  const behind = ['#!/bin/sh', 'cd $(workspaces.shared.path)', 'echo ran >> behind'];
  const task = (name: string, text: readonly string[]) => ({
    name,
    workspaces,
    taskSpec: { workspaces, steps: [{ name, image: 'any', script: `${text.join('\n')}\n` }] },
  });
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: 'run', namespace: 'default' },
    spec: {
      workspaces: [{ name: 'shared', persistentVolumeClaim: { claimName: 'shared' } }],
      pipelineSpec: { workspaces, tasks: [task('work', lines), { ...task('behind', behind), runAfter: ['work'] }] },
    },
  };
};

const UNTIL_GO = 'until [ -e go ]; do sleep 0.01; done; echo after';

async function create(place: { api(): TestServer['client'] }, object: KubeObject): Promise<void> {
  await place.api().create(object, groupKindOf(object));
}

const outcome = (object: Stored): string => `${succeeded(object)?.reason}: ${succeeded(object)?.message}`;
const ALL_WELL = 'Succeeded: Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0';

describe(`a run whose server is killed (${isolation})`, () => {
  it('in the middle of a step ends as if nothing had been: the step ran once, and its log is whole', async () => {
    const place = await premises();
    await create(place, run('sleep 2; echo after'));
    await place.until('work');
    await place.kill();
    await place.restart();
    expect(outcome(await place.done('run'))).toBe(ALL_WELL);
    expect([await place.text('work'), await place.text('behind'), await place.log('run-work-pod')]).toEqual([
      'ran\n',
      'ran\n',
      'before\nafter\n',
    ]);
  }, 60_000);

  it.each([0, 8, 20, 40])(
    'about when its step ends (%i ms after), too',
    async (ms) => {
      const place = await premises();
      await create(place, run(UNTIL_GO));
      await place.until('work');
      await place.write('go');
      await pause(ms);
      await place.kill();
      await place.restart();
      expect(outcome(await place.done('run'))).toBe(ALL_WELL);
      expect([await place.text('work'), await place.text('behind'), await place.log('run-work-pod')]).toEqual([
        'ran\n',
        'ran\n',
        'before\nafter\n',
      ]);
    },
    60_000,
  );

  it('and whose step fails meanwhile fails, with what the step said', async () => {
    const place = await premises();
    await create(place, run(`${UNTIL_GO}; echo over > over; exit 3`));
    await place.until('work');
    await place.kill();
    await place.write('go');
    await place.until('over');
    await place.restart();
    expect(outcome(await place.done('run'))).toBe('Failed: Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 1');
    const taskRun = await place.api().get('tekton.dev/TaskRun', 'default', 'run-work');
    expect(taskRun && outcome(taskRun)).toBe('StepFailed: "step-work" exited with code 3: Error');
    expect([await place.text('work'), await place.text('behind'), await place.log('run-work-pod')]).toEqual([
      'ran\n',
      '',
      'before\nafter\n',
    ]);
  }, 60_000);

  it.each([0, 4, 12])(
    'while it is being cancelled (%i ms after) is cancelled, and nothing of it runs on',
    async (ms) => {
      const place = await premises();
      await create(place, run('trap "exit 143" TERM; while :; do echo tick >> ticks; sleep 0.02; done'));
      await place.until('ticks');
      await place.api().patch('tekton.dev/PipelineRun', 'default', 'run', { spec: { status: 'Cancelled' } });
      await pause(ms);
      await place.kill();
      await place.restart();
      expect(outcome(await place.done('run'))).toBe('Cancelled: PipelineRun "run" was cancelled');
      const pod = await eventually(async () => {
        const record = await place.api().get('Pod', 'default', 'run-work-pod');
        const { phase } = (record?.['status'] ?? {}) as { readonly phase?: string };
        return phase === 'Failed' || phase === 'Succeeded' ? phase : undefined;
      });
      const ticks = await place.text('ticks');
      await pause(200);
      expect([pod, await place.text('ticks'), await place.text('work'), await place.text('behind')]).toEqual([
        'Failed',
        ticks,
        'ran\n',
        '',
      ]);
      const taskRun = await place.api().get('tekton.dev/TaskRun', 'default', 'run-work');
      expect(taskRun && succeeded(taskRun)?.reason).toBe('TaskRunCancelled');
    },
    60_000,
  );
});
