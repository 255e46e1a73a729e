import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import type { PlannedCheck, PlannedProbe } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { execProbe, hasEnded, materials, outcomes, pod, runToEnd, type TestSidecar, until } from './runtime-support.ts';

const probe = await probeBubblewrap();

const volumes = [{ name: 'v', type: 'persistentVolumeClaim', claimName: 'kept', readOnly: false }] as const;
const mounts = [{ volume: 'v', mountPath: '/workspace/v', readOnly: false }];
const quick = { periodMs: 50, failureThreshold: 2 };

/** Probes and hooks of sidecars, with real processes. */
for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `sidecars in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let runtime: Runtime;

      beforeEach(async () => {
        dataDir = temporaryDirectory();
        runtime = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });
        const opened = runtime;
        onTestFinished(async () => {
          for (const uid of await opened.list()) await opened.stop(uid, { graceMs: 0 });
          await opened.close();
        });
      });

      const withSidecar = (sidecar: Partial<TestSidecar>, sh = 'true') =>
        pod({
          uid: 'a-0',
          volumes,
          steps: [{ name: 'one', sh, mounts }],
          sidecars: [{ name: 'db', sh: 'exec sleep 300', mounts, ...sidecar }],
        });
      const kept = (): string => {
        const file = join(dataDir, 'volumes/ci/kept/log');
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
      };
      const sidecarOf = ({ sidecars }: PodObservation) => sidecars[0];
      const asking = (check: PlannedCheck): PlannedProbe => ({ ...execProbe(''), check });

      it('a command sees what the sidecar has written anywhere, as a file system has it', async () => {
        const sh = 'mkdir -p /tmp/deep; echo up > "$HOME/ready"; exec sleep 300';
        const seen = await runToEnd(runtime, withSidecar({ sh, readinessProbe: execProbe('[ -e "$HOME/ready" ]') }));
        expect(outcomes(seen)).toEqual(['one: 0, Completed']);
      });

      it('httpGet and tcpSocket reach the pod’s address', async () => {
        let status = 503;
        const asked: string[] = [];
        const server = createServer(({ url }, response) => {
          asked.push(url ?? '');
          response.writeHead(status).end();
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        onTestFinished(() => void server.close());
        const { port } = server.address() as AddressInfo;
        await runtime.start(
          withSidecar({
            startupProbe: asking({ type: 'tcp', port }),
            readinessProbe: asking({ type: 'http', scheme: 'http', port, path: '/healthz', headers: [] }),
          }),
          materials(),
        );
        const waiting = await until(runtime, 'a-0', ({ message }) => message?.includes('503') ?? false);
        expect([waiting.message, sidecarOf(waiting)]).toMatchObject([
          'the first step waits for sidecar "db": its readinessProbe has not passed: HTTP status 503',
          { ready: false, started: true },
        ]);
        status = 204;
        expect(outcomes(await until(runtime, 'a-0', hasEnded))).toEqual(['one: 0, Completed']);
        expect(new Set(asked)).toEqual(new Set(['/healthz']));
      });

      it('a startup probe that fails too often ends the sidecar, and the steps wait for it no longer', async () => {
        const seen = await runToEnd(runtime, withSidecar({ startupProbe: execProbe('exit 3', quick), readinessProbe: execProbe('true') }));
        expect([outcomes(seen), sidecarOf(seen)]).toMatchObject([
          ['one: 0, Completed'],
          {
            ready: false,
            started: false,
            state: { type: 'terminated', exitCode: 143, reason: 'Error', message: 'startupProbe failed 2 times in a row: exit code 3' },
          },
        ]);
      });

      it('a liveness probe that fails ends the sidecar; one that ignores TERM is killed', async () => {
        const sh = "trap '' TERM; touch /workspace/v/log; while :; do sleep 0.05; done";
        const livenessProbe = execProbe('[ ! -e /workspace/v/log ]', { ...quick, failureThreshold: 1, graceMs: 100 });
        await runtime.start(withSidecar({ sh, livenessProbe }, 'sleep 300'), materials());
        const seen = await until(runtime, 'a-0', (one) => sidecarOf(one)?.state.type === 'terminated');
        expect(sidecarOf(seen)?.state).toMatchObject({
          exitCode: 137,
          reason: 'Error',
          message: 'livenessProbe failed 1 time: exit code 1',
        });
        expect(seen.phase).toBe('Running');
      });

      it('a command that answers too late counts as failed, and nothing of it is left', async () => {
        const readinessProbe = execProbe('echo asked >> /workspace/v/log; sleep 300', { timeoutMs: 100 });
        await runtime.start(withSidecar({ readinessProbe }), materials());
        const seen = await until(runtime, 'a-0', ({ message }) => message?.includes('no answer') ?? false);
        expect(seen.message).toBe('the first step waits for sidecar "db": its readinessProbe has not passed: no answer in time');
      });

      it('runs postStart before probes count, and preStop before TERM', async () => {
        const seen = await runToEnd(
          runtime,
          withSidecar(
            {
              sh: "trap 'echo term >> /workspace/v/log; exit 0' TERM; while :; do sleep 0.02; done",
              postStart: { type: 'exec', command: ['sh', '-c', 'sleep 0.3; echo started >> /workspace/v/log'] },
              preStop: { type: 'exec', command: ['sh', '-c', 'echo stopping >> /workspace/v/log'] },
              readinessProbe: execProbe('true'),
            },
            'echo step >> /workspace/v/log',
          ),
        );
        expect([seen.phase, kept()]).toEqual(['Succeeded', 'started\nstep\nstopping\nterm\n']);
        expect(sidecarOf(seen)?.state).toMatchObject({ exitCode: 0, reason: 'Completed' });
      });

      it('a postStart hook that fails ends the sidecar', async () => {
        const seen = await runToEnd(runtime, withSidecar({ postStart: { type: 'exec', command: ['sh', '-c', 'exit 4'] } }));
        expect([outcomes(seen), sidecarOf(seen)?.state]).toMatchObject([
          ['one: 0, Completed'],
          { exitCode: 143, message: 'postStart hook failed: exit code 4' },
        ]);
      });

      it('runs no preStop hook for who wants the pod gone at once', async () => {
        const preStop = { type: 'exec', command: ['sh', '-c', 'echo stopping >> /workspace/v/log'] } as const;
        await runtime.start(withSidecar({ preStop }, 'sleep 300'), materials());
        await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'running');
        await runtime.stop('a-0', { graceMs: 0 });
        expect(kept()).toBe('');
      });

      it('a preStop hook has no more time than whoever stops the pod grants', async () => {
        const preStop = { type: 'sleep', ms: 300_000 } as const;
        await runtime.start(withSidecar({ preStop }, 'sleep 300'), materials());
        await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'running');
        await runtime.stop('a-0', { graceMs: 200 });
        expect((await runtime.observe('a-0'))?.phase).toBe('Failed');
      });

      it('says which probe it cannot ask', async () => {
        const readinessProbe = asking({ type: 'grpc', port: 1, service: '' });
        await runtime.start(withSidecar({ readinessProbe }), materials());
        const seen = await until(runtime, 'a-0', () => true);
        expect(sidecarOf(seen)?.state).toEqual({
          type: 'waiting',
          reason: 'CreateContainerConfigError',
          message: 'readinessProbe of "db": grpc is not supported here; use exec, httpGet or tcpSocket',
        });
      });
    },
  );
}
