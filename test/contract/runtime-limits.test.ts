import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { probeCgroups } from '../../src/runtimes/sandbox/limits/probe-cgroups.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { execProbe, materials, outcomes, pod, readLog, runToEnd, until } from './runtime-support.ts';

const probe = await probeBubblewrap();
const parents = await probeCgroups(`tappet-test-${process.pid}`);
const hungry = 'exec tail /dev/zero';
const small = { limits: { memory: '32Mi' } };

/** Limits the kernel really enforces, where this machine lets us set any. */
for (const isolation of ['bubblewrap', 'process'] as const) {
  const noSandbox = isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined;
  const unavailable = parents === undefined ? 'no cgroup is ours to write' : noSandbox;
  describe.skipIf(unavailable !== undefined)(
    `limits in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let runtime: Runtime;
      const own = (): readonly string[] => {
        const prefix = `tappet-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)}-`;
        return [parents?.memory ?? '', parents?.cpu ?? ''].flatMap((parent) =>
          readdirSync(parent).filter((name) => name.startsWith(prefix)),
        );
      };
      const open = () =>
        createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });

      beforeEach(async () => {
        dataDir = temporaryDirectory();
        runtime = await open();
      });
      afterEach(async () => {
        for (const uid of await runtime.list()) await runtime.stop(uid, { graceMs: 0 });
        await runtime.close();
        expect(own()).toEqual([]);
      });

      it('can be had, and the runtime says so', () => {
        expect(runtime.capabilities.resourceLimits).toBe(true);
      });

      it('ends a step that takes more memory than it may, whatever onError says', async () => {
        const steps = [
          { name: 'eats', sh: hungry, computeResources: small, onError: 'continue' },
          { name: 'next', sh: 'true' },
        ] as const;
        const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps }));
        expect([seen.phase, outcomes(seen), seen.steps[0]?.state]).toMatchObject([
          'Failed',
          ['eats: 137, OOMKilled', 'next: 1, Skipped'],
          { exitCode: 137, reason: 'OOMKilled' },
        ]);
      });

      it('tells a lack of memory from a kill of another kind', async () => {
        const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'dies', sh: 'kill -9 $$', computeResources: small }] }));
        expect(outcomes(seen)).toEqual(['dies: 137, Error']);
      });

      it('lets live what keeps to them, and what a sidecar lacks is told of the sidecar', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [{ name: 'one', sh: 'echo fine', computeResources: { limits: { memory: '64Mi', cpu: '500m' } } }],
          sidecars: [{ name: 'db', sh: hungry, computeResources: small, readinessProbe: execProbe('false') }],
        });
        const seen = await runToEnd(runtime, plan);
        expect([outcomes(seen), await readLog(runtime, 'a-0', 'step-one'), seen.sidecars[0]?.state]).toMatchObject([
          ['one: 0, Completed'],
          'fine\n',
          { exitCode: 137, reason: 'OOMKilled' },
        ]);
      });

      it('a quota of CPU time holds for the container and all it starts, and for nobody else', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [{ name: 'one', sh: 'sleep 300 & sleep 300', computeResources: { limits: { cpu: '250m' } } }],
        });
        await runtime.start(plan, materials());
        await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'running');
        const dir = join(dataDir, 'pods/a-0/containers/step-one');
        const [group = ''] = readFileSync(join(dir, 'cgroups'), 'utf8').trim().split('\n');
        const members = (): readonly string[] => readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n').filter(Boolean);
        await expect.poll(() => members().length).toBeGreaterThanOrEqual(3);
        expect(members()).not.toContain(readFileSync(join(dir, 'started'), 'utf8').split(' ')[0]);
        const quota = parents?.version === 1 ? ['cpu.cfs_quota_us', '25000\n'] : ['cpu.max', '25000 100000\n'];
        expect(readFileSync(join(group, quota[0] ?? ''), 'utf8')).toBe(quota[1]);
      });

      it('makes no group for a container without limits', async () => {
        const plan = pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'sleep 300', computeResources: { requests: { memory: '1Gi' } } }] });
        await runtime.start(plan, materials());
        await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'running');
        expect([own(), existsSync(join(dataDir, 'pods/a-0/containers/step-one/cgroups'))]).toEqual([[], false]);
      });

      it('a later server tells what ended meanwhile, and removes its groups', async () => {
        const plan = pod({ uid: 'a-0', steps: [{ name: 'eats', sh: `sleep 0.3; ${hungry}`, computeResources: small }] });
        await runtime.start(plan, materials());
        await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'running');
        await runtime.close();
        await expect.poll(() => existsSync(join(dataDir, 'pods/a-0/containers/step-eats/exit')), { timeout: 10_000 }).toBe(true);
        runtime = await open();
        expect(outcomes(await until(runtime, 'a-0', ({ phase }) => phase === 'Failed'))).toEqual(['eats: 137, OOMKilled']);
      });
    },
  );
}
