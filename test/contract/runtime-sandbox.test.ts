import { systemClock } from '../../src/main/system-clock.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runtimeContract } from './runtime.contract.ts';

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
