import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/main/system-clock.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from './silent-logger.ts';

/**
 * A server reduced to its runtime, to be killed: `runtime-host.ts DATA_DIR ISOLATION PLANS.json` starts the plans, reports each change of the
 * first as a line of JSON, and stays until it is killed.
 */
const [dataDir = '', isolation, plansFile = ''] = process.argv.slice(2);
const runtime = await createSandboxRuntime({
  dataDir,
  imageMap: [{ pattern: 'busybox', serves: 'host' }],
  isolation: isolation === 'process' ? 'process' : 'bubblewrap',
  clock: systemClock,
  logger: silentLogger,
});
const plans = JSON.parse(readFileSync(plansFile, 'utf8')) as PodPlan[];
const none = new Map<string, never>();
runtime.onChange(() => {
  void runtime.observe(plans[0]?.uid ?? '').then((seen) => process.stdout.write(`${JSON.stringify(seen)}\n`));
});
for (const plan of plans) await runtime.start(plan, { configMaps: none, secrets: none });
process.stdin.resume();
