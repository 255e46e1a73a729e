import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PlannedProbe, PlannedSidecar, ProbeCheck } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasEnded, materials, pod, readLog, runToEnd, until } from './runtime-support.ts';

const bubblewrap = await probeBubblewrap();

const probe = (check: ProbeCheck, more: Partial<PlannedProbe> = {}): PlannedProbe => ({
  check,
  initialDelayMs: 0,
  periodMs: 50,
  timeoutMs: 5_000,
  successThreshold: 1,
  failureThreshold: 3,
  ...more,
});
const sh = (text: string): ProbeCheck => ({ type: 'exec', command: ['/bin/sh', '-c', text] });
const SHARED = { volumes: [{ name: 'v', type: 'emptyDir' as const }] };
const mounts = [{ volume: 'v', mountPath: '/shared', readOnly: false }];
const WAITS = 'while :; do sleep 0.05; done';

/** A server whose answer the test decides. */
async function httpServer(): Promise<{ readonly url: string; readonly port: number; status: number }> {
  const state = { status: 503 };
  const server: Server = createServer((_request, response) => response.writeHead(state.status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}/`, port });
}

for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !bubblewrap.ok ? bubblewrap.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `sidecars in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let runtime: Runtime;
      const open = async (): Promise<Runtime> => {
        const one = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });
        onTestFinished(async () => {
          for (const uid of await one.list()) await one.stop(uid, { graceMs: 0 }).catch(() => undefined);
          await one.close();
        });
        return one;
      };
      const plan = (sidecar: { readonly sh: string } & Partial<PlannedSidecar>, step = 'cat /shared/log') => {
        const { sh: text, ...more } = sidecar;
        const made = pod({
          uid: 'a-0',
          ...SHARED,
          steps: [{ name: 'one', sh: step, mounts }],
          sidecars: [{ name: 'side', sh: text, mounts }],
        });
        return { ...made, sidecars: made.sidecars.map((one) => ({ ...one, ...more })) };
      };
      beforeEach(async () => {
        dataDir = temporaryDirectory();
        runtime = await open();
      });

      it('are waited for until a command beside them says that they are ready', async () => {
        const sidecar = {
          sh: `sleep 0.6; echo up > /shared/log; touch /shared/ready; ${WAITS}`,
          readinessProbe: probe(sh('test -f /shared/ready')),
        };
        const seen = await runToEnd(runtime, plan(sidecar));
        expect(seen.phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('up\n');
        expect(seen.sidecars[0]).toMatchObject({ state: { type: 'terminated', exitCode: 0, reason: 'Completed' } });
      });

      it('are not waited for where nobody wants it', async () => {
        const sidecar = { sh: WAITS, readinessProbe: probe(sh('false')) };
        expect(await runToEnd(runtime, { ...plan(sidecar, 'true'), awaitSidecars: false })).toMatchObject({ phase: 'Succeeded' });
      });

      it('tell what they are waited for', async () => {
        await runtime.start(plan({ sh: WAITS, readinessProbe: probe(sh('echo not yet; exit 3')) }), materials());
        const seen = await until(runtime, 'a-0', ({ steps }) => {
          const state = steps[0]?.state;
          return state?.type === 'waiting' && state.message?.includes('ended with 3') === true;
        });
        expect(seen.steps[0]?.state).toEqual({
          type: 'waiting',
          reason: 'PodInitializing',
          message: 'waits for sidecar "side" to be ready: readiness probe: command ended with 3: not yet',
        });
        expect(seen.sidecars[0]).toMatchObject({ ready: false, state: { type: 'running' } });
        await runtime.stop('a-0', { graceMs: 0 });
        expect(await runtime.observe('a-0')).toMatchObject({ phase: 'Failed', steps: [{ terminationReason: 'Cancelled' }] });
      });

      it('are asked by HTTP and by TCP', async () => {
        const server = await httpServer();
        const readinessProbe = probe({ type: 'http', url: server.url, headers: [['X-Probe', '1']] });
        const startupProbe = probe({ type: 'tcp', host: '127.0.0.1', port: server.port });
        await runtime.start(plan({ sh: WAITS, startupProbe, readinessProbe }, 'true'), materials());
        await until(
          runtime,
          'a-0',
          ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message?.includes('HTTP status 503') === true,
        );
        server.status = 204;
        expect(await until(runtime, 'a-0', hasEnded)).toMatchObject({ phase: 'Succeeded' });
      });

      it('hold nobody up when they have ended', async () => {
        const seen = await runToEnd(runtime, plan({ sh: 'echo bye > /shared/log', readinessProbe: probe(sh('false')) }));
        expect(seen).toMatchObject({ phase: 'Succeeded', sidecars: [{ state: { exitCode: 0 } }] });
      });

      it('are killed when they do not start up, or stop being alive', async () => {
        const never = plan({
          sh: `echo x > /shared/log; ${WAITS}`,
          startupProbe: probe(sh('echo nothing; exit 1'), { failureThreshold: 2 }),
        });
        expect(await runToEnd(runtime, never)).toMatchObject({
          phase: 'Succeeded',
          sidecars: [
            {
              state: {
                exitCode: 137,
                reason: 'Error',
                message: 'Container sidecar-side failed startup probe, will be killed: command ended with 1: nothing',
              },
            },
          ],
        });
        const dying = plan(
          { sh: `touch /shared/log; ${WAITS}`, livenessProbe: probe(sh('test -f /shared/log')) },
          'sleep 0.2; rm /shared/log; sleep 1',
        );
        const seen = await runToEnd(runtime, { ...dying, uid: 'b-0' });
        expect(seen.sidecars[0]).toMatchObject({ state: { exitCode: 137 } });
      });

      it('run their hooks, each before what it is for', async () => {
        const postStart = sh('sleep 0.3; echo started >> /shared/log');
        const preStop = sh('cat /shared/log > /shared/copy; echo stopping >> /shared/log; sleep 0.2');
        const text = `trap 'cat /shared/log; exit 0' TERM; ${WAITS}`;
        expect(await runToEnd(runtime, plan({ sh: text, postStart, preStop }))).toMatchObject({ phase: 'Succeeded' });
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('started\n');
        expect(await readLog(runtime, 'a-0', 'sidecar-side')).toContain('started\nstopping\n');
        const failing = await runToEnd(runtime, { ...plan({ sh: WAITS, postStart: sh('echo no; exit 4') }, 'true'), uid: 'b-0' });
        expect(failing.sidecars[0]).toMatchObject({
          state: { exitCode: 137, message: 'Container sidecar-side PostStartHookError: command ended with 4: no' },
        });
      });

      it('share /tmp with the commands beside them', async () => {
        const sidecar = {
          sh: `sleep 0.2; echo up > /shared/log; touch /tmp/tappet-ready-$$; ${WAITS}`,
          readinessProbe: probe(sh('ls /tmp/tappet-ready-* && rm /tmp/tappet-ready-*')),
        };
        expect(await runToEnd(runtime, plan(sidecar))).toMatchObject({ phase: 'Succeeded' });
      });

      it('go on being asked by the next server', async () => {
        await runtime.start(
          plan({ sh: `echo up > /shared/log; ${WAITS}`, readinessProbe: probe(sh('test -f /shared/go')) }, 'cat /shared/log'),
          materials(),
        );
        await until(
          runtime,
          'a-0',
          ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message?.includes('ended with 1') === true,
        );
        await runtime.close();
        const next = await open();
        const waiting = await until(
          next,
          'a-0',
          ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message?.includes('ended with 1') === true,
        );
        expect(waiting.phase).toBe('Running');
        await next.stop('a-0', { graceMs: 0 });
      });
    },
  );
}
