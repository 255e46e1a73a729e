import { setTimeout as pause } from 'node:timers/promises';
import { field, succeeded } from '../../../src/cli/columns.ts';
import type { KubeObject, Stored } from '../../../src/resources/object.ts';
import { withServer } from '../support/bench-server.ts';
import { benchBindings, benchListener } from '../support/listener.ts';
import { fire } from '../support/load.ts';
import { percentile } from '../support/measure.ts';
import { pullRequestShots } from '../support/payloads.ts';
import type { BenchResult } from '../support/result.ts';

const SAMPLES = 60;

/** A one-step pipeline whose step's first act is to write down the time: nanoseconds of the machine's own clock, which the sender reads too. */
const pipeline: KubeObject = {
  apiVersion: 'tekton.dev/v1',
  kind: 'Pipeline',
  metadata: { name: 'bench', namespace: 'default' },
  spec: {
    params: ['repository', 'revision', 'short-sha', 'title'].map((name) => ({ name })),
    tasks: [
      {
        name: 'first',
        taskSpec: {
          results: [{ name: 'at' }],
          steps: [{ name: 'now', image: 'bench', script: '#!/bin/sh\ndate +%s%N | tr -d "\\n" > $(results.at.path)\n' }],
        },
      },
    ],
    results: [{ name: 'at', value: '$(tasks.first.results.at)' }],
  },
};

/** From sending a webhook to the first step's process running, one at a time on an idle server. */
export async function latency(): Promise<readonly BenchResult[]> {
  const samples: number[] = [];
  await withServer(['--image-map', '*=host'], [...benchBindings(), ...benchListener('bench', 1), pipeline], async (server) => {
    for (const [index, shot] of pullRequestShots(SAMPLES + 5).entries()) {
      const sent = Date.now();
      await fire(`${server.record.ingress}/default/bench`, [shot], 1);
      const at = await stepTime(server.client, index + 1);
      // The first few warm caches and just-in-time code; a server idles for hours and serves the next webhook warm.
      if (index >= 5) samples.push(at - sent);
      await pause(50);
    }
  });
  return [
    {
      what: 'webhook to first step running, p50',
      value: percentile(samples, 50),
      unit: 'ms',
      budget: 50,
      note: `${samples.length} samples, one at a time; the step itself writes the time`,
    },
    { what: 'webhook to first step running, p99', value: percentile(samples, 99), unit: 'ms', budget: 200 },
  ];
}

async function stepTime(
  client: { list: (kind: string, namespace: string) => Promise<{ items: readonly Stored[] }> },
  runs: number,
): Promise<number> {
  for (;;) {
    const { items } = await client.list('tekton.dev/PipelineRun', 'default');
    const done = items.filter((run) => succeeded(run)?.status === 'True');
    if (items.some((run) => succeeded(run)?.status === 'False')) throw new Error(`a run failed: ${JSON.stringify(items.map(succeeded))}`);
    if (done.length >= runs) {
      const times = done.map((run) => Number(BigInt(String(field(field(run['status'], 'results', '0'), 'value') ?? 0)) / 1_000n) / 1_000);
      return Math.max(...times);
    }
    await pause(10);
  }
}
