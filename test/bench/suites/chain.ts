import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { field, succeeded } from '../../../src/cli/columns.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import { withServer } from '../support/bench-server.ts';
import { median } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

const LENGTH = 20;
const ROUNDS = 5;
/** The step's one act: to write down the machine's time. */
const NOW = 'date +%s%N';

function chainRun(round: number): KubeObject {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: `chain-${round}`, namespace: 'default' },
    spec: {
      pipelineSpec: {
        tasks: Array.from({ length: LENGTH }, (_, index) => ({
          name: `t${index}`,
          ...(index === 0 ? {} : { runAfter: [`t${index - 1}`] }),
          taskSpec: {
            results: [{ name: 'at' }],
            steps: [{ name: 'now', image: 'bench', script: `#!/bin/sh\n${NOW} > $(results.at.path)\n` }],
          },
        })),
      },
    },
  };
}

/**
 * A chain of tasks whose only act is to write down the time: from one to the next, less what the same command costs in a bare
 * sandbox of the same kind, measured beside it.
 */
export async function chain(): Promise<readonly BenchResult[]> {
  const hops: number[] = [];
  const bare: number[] = [];
  await withServer(['--image-map', '*=host'], [], async ({ client }) => {
    for (let round = 0; round < ROUNDS; round++) {
      for (let n = 0; n < 10; n++) bare.push(await bareSandbox());
      await client.create(chainRun(round), 'tekton.dev/PipelineRun');
      for (;;) {
        const run = await client.get('tekton.dev/PipelineRun', 'default', `chain-${round}`);
        const status = run === undefined ? undefined : succeeded(run)?.status;
        if (status === 'True') break;
        if (status === 'False') throw new Error(`the chain failed: ${JSON.stringify(run)}`);
        await pause(50);
      }
      const { items } = await client.list('tekton.dev/TaskRun', 'default', { labelSelector: `tekton.dev/pipelineRun=chain-${round}` });
      const times = items
        .map((taskRun) => Number(String(field(taskRun['status'], 'results', '0', 'value')).trim()) / 1e6)
        .sort((a, b) => a - b);
      for (const [index, at] of times.entries()) if (index > 0) hops.push(at - (times[index - 1] ?? at));
    }
  });
  return [
    {
      what: 'one more task in a chain, p50',
      value: median(hops) - median(bare),
      unit: 'ms',
      budget: 15,
      note: `${median(hops).toFixed(1)} ms a hop (${hops.length} hops), less ${median(bare).toFixed(1)} ms for the same command in a bare bubblewrap`,
    },
  ];
}

function bareSandbox(): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const flags = [
      '--unshare-user',
      '--unshare-pid',
      '--unshare-ipc',
      '--unshare-uts',
      '--cap-drop',
      'ALL',
      '--die-with-parent',
      '--new-session',
    ];
    const view = [
      '--tmpfs',
      '/',
      '--ro-bind',
      '/usr',
      '/usr',
      '--symlink',
      'usr/bin',
      '/bin',
      '--symlink',
      'usr/lib',
      '/lib',
      '--symlink',
      'usr/lib64',
      '/lib64',
    ];
    const child = spawn(
      'bwrap',
      [...flags, ...view, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--', '/bin/sh', '-c', `${NOW} > /tmp/at`],
      { stdio: 'ignore' },
    );
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(performance.now() - began) : reject(new Error(`bwrap ended with ${code}`))));
  });
}
