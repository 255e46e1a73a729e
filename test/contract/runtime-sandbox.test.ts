import { existsSync } from 'node:fs';
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
