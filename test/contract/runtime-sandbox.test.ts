import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runtimeContract } from './runtime.contract.ts';
import { materials, pod, until } from './runtime-support.ts';

const probe = await probeBubblewrap();

for (const isolation of ['bubblewrap', 'process'] as const) {
  runtimeContract(isolation, {
    unavailable: isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined,
    open: (options) =>
      createSandboxRuntime({
        dataDir: temporaryDirectory(),
        imageMap: [{ pattern: 'busybox', serves: 'host' }],
        isolation,
        clock: systemClock,
        logger: silentLogger,
        ...options,
      }),
  });
}

describe('a claim', () => {
  it('is kept while a pod that has not ended mounts it, then freed; outside of claims nothing is', async () => {
    const dataDir = temporaryDirectory();
    const runtime = await createSandboxRuntime({
      dataDir,
      imageMap: [{ pattern: 'busybox', serves: 'host' }],
      isolation: 'process',
      clock: systemClock,
      logger: silentLogger,
    });
    onTestFinished(() => runtime.close());
    const volumes = [{ name: 'v', type: 'persistentVolumeClaim', claimName: 'kept', readOnly: false }] as const;
    const mounts = [{ volume: 'v', mountPath: '/workspace/v', readOnly: false }];
    const steps = [
      { name: 'one', sh: 'touch /workspace/v/file', mounts },
      { name: 'two', sh: 'sleep 300', mounts },
    ];
    await runtime.start(pod({ uid: 'a-0', volumes, steps }), materials());
    const folder = join(dataDir, 'volumes', 'ci', 'kept');
    await until(runtime, 'a-0', ({ steps: [one] }) => one?.state.type === 'terminated');
    expect([await runtime.releaseClaim('ci', 'kept'), existsSync(join(folder, 'file'))]).toEqual([false, true]);
    expect(await runtime.releaseClaim('ci', 'other')).toBe(true);
    expect(await runtime.releaseClaim('..', 'pods')).toBe(true);
    await runtime.stop('a-0', { graceMs: 0 });
    expect([await runtime.releaseClaim('ci', 'kept'), existsSync(folder), existsSync(join(dataDir, 'pods'))]).toEqual([true, false, true]);
  });
});

describe('a pod whose server was killed while it was noting that it begins', () => {
  it('has not begun: it runs, and does not count as cut off by a restart of the machine', async () => {
    const dataDir = temporaryDirectory();
    const open = () =>
      createSandboxRuntime({
        dataDir,
        imageMap: [{ pattern: 'busybox', serves: 'host' }],
        isolation: 'process',
        maxPods: 1,
        clock: systemClock,
        logger: silentLogger,
      });
    const first = await open();
    await first.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'sleep 300' }] }), materials());
    await first.start(pod({ uid: 'b-0', steps: [{ name: 'one', sh: 'true' }] }), materials());
    await until(first, 'a-0', ({ phase }) => phase === 'Running');
    await first.close();
    writeFileSync(join(dataDir, 'pods', 'b-0', 'begun'), '');
    const second = await open();
    onTestFinished(() => second.close());
    await second.stop('a-0', { graceMs: 0 });
    const { steps } = await until(second, 'b-0', ({ phase }) => phase === 'Succeeded' || phase === 'Failed');
    expect(steps[0]?.state).toMatchObject({ type: 'terminated', exitCode: 0 });
  });
});
