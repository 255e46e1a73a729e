import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasEnded, materials, outcomes, pod, type TestStep, until } from './runtime-support.ts';

const probe = await probeBubblewrap();
const volumes = [{ name: 'v', type: 'persistentVolumeClaim', claimName: 'kept', readOnly: false }] as const;
const mounts = [{ volume: 'v', mountPath: '/workspace/v', readOnly: false }];

for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `breakpoints in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let runtime: Runtime;
      const open = async (): Promise<Runtime> => {
        const opened = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });
        onTestFinished(async () => {
          for (const uid of await opened.list()) await opened.stop(uid, { graceMs: 0 }).catch(() => undefined);
          await opened.close();
        });
        return opened;
      };
      beforeEach(async () => {
        dataDir = temporaryDirectory();
        runtime = await open();
      });

      const say = (script: string, ...args: string[]): string =>
        execFileSync(join(dataDir, 'pods/a-0/tekton/debug/scripts', script), args, { encoding: 'utf8' });
      const waits = ({ reason }: PodObservation): boolean => reason === 'Breakpoint';
      const ran = (): string => {
        const file = join(dataDir, 'volumes/ci/kept/ran');
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
      };
      const step = (name: string, more: Partial<TestStep> = {}): TestStep => ({
        name,
        sh: `echo ${name} >> /workspace/v/ran`,
        mounts,
        pausesOnFailure: true,
        ...more,
      });
      const failing = { sh: 'echo bad >> /workspace/v/ran; echo here > /workspace/left; exit 7' };
      const start = (...steps: TestStep[]) => runtime.start(pod({ uid: 'a-0', volumes, steps }), materials());

      it('a failed step waits, and says where to go on', async () => {
        await start(step('bad', failing), step('next'));
        const seen = await until(runtime, 'a-0', waits);
        expect(seen).toMatchObject({
          phase: 'Running',
          message: expect.stringMatching(
            /^step "bad" waits because it has failed: run debug-continue, debug-fail-continue or debug-shell, in \/.*\/pods\/a-0\/tekton\/debug\/scripts$/,
          ),
          steps: [{ state: { type: 'running' } }, { state: { type: 'waiting' } }],
        });
        say('debug-continue');
        const end = await until(runtime, 'a-0', hasEnded);
        expect([end.phase, outcomes(end), ran()]).toEqual(['Succeeded', ['bad: 0, Completed', 'next: 0, Completed'], 'bad\nnext\n']);
      });

      it('fail-continue fails the run, and later steps run all the same', async () => {
        await start(step('bad', { ...failing, onError: 'continue' }), step('next'));
        await until(runtime, 'a-0', waits);
        say('debug-fail-continue');
        const end = await until(runtime, 'a-0', hasEnded);
        expect([end.phase, outcomes(end), ran()]).toEqual(['Failed', ['bad: 1, Error', 'next: 0, Completed'], 'bad\nnext\n']);
      });

      it('a step waits before it runs, and runs or does not as it is told', async () => {
        await start(step('one', { pausesBefore: true }), step('two', { pausesBefore: true }));
        const before = await until(runtime, 'a-0', waits);
        expect([before.message, before.steps[0]?.state.type, ran()]).toEqual([
          expect.stringMatching(/^step "one" waits before it runs: run debug-beforestep-continue or /),
          'running',
          '',
        ]);
        say('debug-beforestep-continue');
        await until(runtime, 'a-0', ({ message }) => message?.startsWith('step "two"') ?? false);
        expect(ran()).toBe('one\n');
        say('debug-beforestep-fail-continue');
        const end = await until(runtime, 'a-0', hasEnded);
        expect([end.phase, outcomes(end), ran()]).toEqual(['Failed', ['one: 0, Completed', 'two: 1, Error'], 'one\n']);
      });

      it('a pod can be stopped where it waits; a timeout does not wait', async () => {
        await start(step('slow', { sh: 'sleep 300', timeoutMs: 50 }), step('bad', failing));
        await until(runtime, 'a-0', waits);
        await runtime.stop('a-0', { graceMs: 0 });
        const seen = await runtime.observe('a-0');
        expect([seen?.reason, seen && outcomes(seen)]).toEqual(['Cancelled', ['slow: 1, TimeoutExceeded', 'bad: 9, Cancelled']]);
      });

      it('a later server waits on', async () => {
        await start(step('bad', failing), step('next', { pausesBefore: true }));
        await until(runtime, 'a-0', waits);
        await runtime.close();
        runtime = await open();
        expect((await until(runtime, 'a-0', waits)).message).toMatch(/^step "bad"/);
        await runtime.close();
        say('debug-continue');
        runtime = await open();
        await until(runtime, 'a-0', ({ message }) => message?.startsWith('step "next"') ?? false);
        say('debug-beforestep-continue');
        const end = await until(runtime, 'a-0', hasEnded);
        expect([end.phase, ran()]).toEqual(['Succeeded', 'bad\nnext\n']);
      });

      it.runIf(isolation === 'bubblewrap')('a shell sees what the failed step has left', async () => {
        await start(step('bad', failing));
        await until(runtime, 'a-0', waits);
        expect(say('debug-shell', 'cat', '/workspace/left', '/workspace/v/ran')).toBe('here\nbad\n');
      });
    },
  );
}
