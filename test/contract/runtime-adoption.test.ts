import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { isAlive, parseIdentity } from '../../src/runtimes/sandbox/process-table.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { execProbe, hasEnded, materials, outcomes, pod, readLog, taskResults, until } from './runtime-support.ts';

const probe = await probeBubblewrap();

/** The server to be killed, in one file: it is started often. */
const host = join(mkdtempSync(join(tmpdir(), 'tappet-host-')), 'runtime-host.mjs');
afterAll(() => rmSync(dirname(host), { recursive: true }));
buildSync({
  entryPoints: [fileURLToPath(new URL('../support/runtime-host.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: host,
});

/** Counts in a claim, so that every run of a step leaves its trace. */
const volumes = [{ name: 'tally', type: 'persistentVolumeClaim', claimName: 'tally', readOnly: false }] as const;
const mounts = [{ volume: 'tally', mountPath: '/workspace/tally', readOnly: false }];
const count = (name: string): string => `echo ${name} >> /workspace/tally/runs`;
const untilExists = (file: string): string => `until [ -e /workspace/tally/${file} ]; do sleep 0.01; done`;

for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `after SIGKILL of the server, ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      const tally = (file: string): string => join(dataDir, 'volumes/ci/tally', file);
      const runs = (): string => (existsSync(tally('runs')) ? readFileSync(tally('runs'), 'utf8') : '');

      const open = async (): Promise<Runtime> => {
        const runtime = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });
        onTestFinished(async () => {
          for (const uid of await runtime.list()) await runtime.stop(uid, { graceMs: 0 });
          await runtime.close();
        });
        return runtime;
      };

      /** The process of step two, once that has left its trace. */
      const wrapperOfTwo = async (): Promise<number> => {
        await expect.poll(runs).toBe('one\ntwo\n');
        return Number.parseInt(readFileSync(join(dataDir, 'pods/a-0/containers/step-two/started'), 'utf8'), 10);
      };

      /** Runs the plans in a process of their own and kills it when the first pod looks as wanted. */
      const startAndKill = async (plans: readonly PodPlan[], when: (seen: PodObservation) => boolean): Promise<void> => {
        const file = join(temporaryDirectory(), 'plans.json');
        writeFileSync(file, JSON.stringify(plans));
        const server = spawn(process.execPath, [host, dataDir, isolation, file], { stdio: ['pipe', 'pipe', 'inherit'] });
        onTestFinished(() => {
          server.kill('SIGKILL');
        });
        for await (const line of createInterface({ input: server.stdout })) {
          if (when(JSON.parse(line) as PodObservation)) break;
        }
        await killed(server);
      };

      beforeEach(() => {
        dataDir = temporaryDirectory();
      });

      const three = pod({
        uid: 'a-0',
        volumes,
        results: ['r'],
        steps: [
          {
            name: 'one',
            sh: `${count('one')}; printf 1 > /tekton/steps/step-one/results/out; exit 3`,
            results: ['out'],
            onError: 'continue',
            mounts,
          },
          {
            name: 'two',
            sh: `${count('two')}; echo before; ${untilExists('go')}; echo "after $1"; printf done > /tekton/results/r`,
            args: ['$(steps.one.results.out)'],
            mounts,
          },
          { name: 'three', sh: `${count('three')}; cat /tekton/steps/step-one/exitCode`, mounts },
        ],
      });
      const twoRuns = ({ steps }: PodObservation): boolean => steps[1]?.state.type === 'running';

      it('adopts the running step and goes on from there', async () => {
        await startAndKill([three], twoRuns);
        const runtime = await open();
        await until(runtime, 'a-0', twoRuns);
        const log = readLog(runtime, 'a-0', 'step-two', true);
        writeFileSync(tally('go'), '');
        const seen = await until(runtime, 'a-0', hasEnded);
        expect([seen.phase, outcomes(seen), taskResults(seen)]).toEqual([
          'Succeeded',
          ['one: 3, Continued', 'two: 0, Completed', 'three: 0, Completed'],
          { r: 'done' },
        ]);
        expect([runs(), await log, await readLog(runtime, 'a-0', 'step-three')]).toEqual(['one\ntwo\nthree\n', 'before\nafter 1\n', '3']);
      });

      it('picks up a step that ended meanwhile', async () => {
        await startAndKill([three], twoRuns);
        writeFileSync(tally('go'), '');
        await expect.poll(() => existsSync(join(dataDir, 'pods/a-0/containers/step-two/exit'))).toBe(true);
        const runtime = await open();
        const seen = await until(runtime, 'a-0', hasEnded);
        expect([seen.phase, runs(), taskResults(seen)]).toEqual(['Succeeded', 'one\ntwo\nthree\n', { r: 'done' }]);
      });

      it('runs nothing twice, whenever it is killed', async () => {
        const steps = Array.from({ length: 6 }, (_, index) => ({ name: `s${index}`, sh: count(`s${index}`), mounts }));
        const plan = pod({ uid: 'a-0', volumes, steps });
        // Killed in the very moment a step starts, again and again: by then its process may or may not be there.
        for (let index = 0; index < 3; index++) {
          await startAndKill([plan], ({ steps: seen, phase }) => phase === 'Succeeded' || seen[index * 2]?.state.type !== 'waiting');
        }
        const runtime = await open();
        await runtime.start(plan, materials());
        const seen = await until(runtime, 'a-0', hasEnded);
        expect([seen.phase, runs()]).toEqual(['Succeeded', steps.map(({ name }) => `${name}\n`).join('')]);
      });

      it('goes on asking the sidecars of a pod whose steps have not begun, and repeats no hook that has passed', async () => {
        const plan = pod({
          uid: 'a-0',
          volumes,
          steps: [{ name: 'one', sh: count('one'), mounts }],
          sidecars: [
            {
              name: 'db',
              sh: `${count('db')}; sleep 300`,
              mounts,
              postStart: { type: 'exec', command: ['sh', '-c', `${untilExists('runs')}; ${count('hook')}`] },
              readinessProbe: execProbe('[ -e /workspace/tally/ready ]'),
            },
          ],
        });
        await startAndKill([plan], ({ sidecars, message }) => sidecars[0]?.started === true && (message?.includes('exit code 1') ?? false));
        const runtime = await open();
        const waiting = await until(runtime, 'a-0', ({ message }) => message?.includes('exit code 1') ?? false);
        expect([waiting.reason, runs()]).toEqual(['WaitingForSidecars', 'db\nhook\n']);
        writeFileSync(tally('ready'), '');
        const seen = await until(runtime, 'a-0', hasEnded);
        expect([seen.phase, runs()]).toEqual(['Succeeded', 'db\nhook\none\n']);
      });

      it('asks nothing more of them before the next step once a step has begun', async () => {
        const plan: PodPlan = {
          ...three,
          sidecars: pod({
            uid: 'a-0',
            steps: [],
            sidecars: [{ name: 'db', sh: 'sleep 300', mounts, readinessProbe: execProbe('[ ! -e /workspace/tally/go ]') }],
          }).sidecars,
        };
        await startAndKill([plan], twoRuns);
        writeFileSync(tally('go'), '');
        const seen = await until(await open(), 'a-0', hasEnded);
        expect([seen.phase, runs()]).toEqual(['Succeeded', 'one\ntwo\nthree\n']);
      });

      it('keeps the timeout of an adopted step', async () => {
        const plan = pod({ uid: 'a-0', steps: [{ name: 'slow', sh: 'sleep 300', timeoutMs: 1_500 }] });
        await startAndKill([plan], ({ phase }) => phase === 'Running');
        const seen = await until(await open(), 'a-0', hasEnded);
        expect(outcomes(seen)).toEqual(['slow: 1, TimeoutExceeded']);
        const [state] = seen.steps.map((step) => step.state);
        expect(state?.type === 'terminated' && state.finishedAt - state.startedAt).toBeGreaterThanOrEqual(1_400);
      });

      it('finishes a stop that had begun', async () => {
        await startAndKill([three], twoRuns);
        const wrapper = await wrapperOfTwo();
        const startTime = parseIdentity(readFileSync(`/proc/${wrapper}/stat`, 'utf8'))?.startTime;
        writeFileSync(join(dataDir, 'pods/a-0/stop'), '0');
        const seen = await until(await open(), 'a-0', hasEnded);
        expect([outcomes(seen), runs()]).toEqual([['one: 3, Continued', 'two: 9, Cancelled', 'three: 9, Cancelled'], 'one\ntwo\n']);
        await expect.poll(() => isAlive({ pid: wrapper, startTime })).toBe(false);
      });

      it('reports a step whose process vanished, as soon as it does', async () => {
        await startAndKill([{ ...three, steps: three.steps.map((step) => ({ ...step, onError: 'continue' })) }], twoRuns);
        const runtime = await open();
        await until(runtime, 'a-0', twoRuns);
        process.kill(await wrapperOfTwo(), 'SIGKILL');
        const seen = await until(runtime, 'a-0', hasEnded);
        expect([seen.phase, seen.reason, outcomes(seen), runs()]).toEqual([
          'Failed',
          'Lost',
          ['one: 3, Continued', 'two: 137, Error', 'three: 1, Skipped'],
          'one\ntwo\n',
        ]);
        expect(seen.message).toMatch(/^step "two": its process vanished/);
      });

      it('never starts a step again after a reboot, when it cannot know whether it ran', async () => {
        await startAndKill([three], twoRuns);
        const container = join(dataDir, 'pods/a-0/containers/step-two');
        process.kill(-(await wrapperOfTwo()), 'SIGKILL');
        // As if the power had failed: another boot, and the claim was not on the disk yet.
        writeFileSync(join(dataDir, 'pods/a-0/begun'), 'an earlier boot');
        for (const file of readdirSync(container)) if (file !== 'log') rmSync(join(container, file));
        const seen = await until(await open(), 'a-0', hasEnded);
        expect([seen.reason, outcomes(seen), runs()]).toEqual([
          'Lost',
          ['one: 3, Continued', 'two: 137, Error', 'three: 1, Skipped'],
          'one\ntwo\n',
        ]);
      });
    },
  );
}

async function killed(server: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}
