import { setTimeout as pause } from 'node:timers/promises';
import { field, succeeded, time } from '../../../src/cli/columns.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import { withServer } from '../support/bench-server.ts';
import { median } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

const LENGTH = 20;
const ROUNDS = 5;

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
          taskSpec: { steps: [{ name: 'nothing', image: 'bench', command: ['true'] }] },
        })),
      },
    },
  };
}

/** A chain of tasks that do nothing: how long from one step's end to the next one's start, both as the step's own records say. */
export async function chain(): Promise<readonly BenchResult[]> {
  const hops: number[] = [];
  const steps: number[] = [];
  await withServer(['--image-map', '*=host'], [], async ({ client }) => {
    for (let round = 0; round < ROUNDS; round++) {
      await client.create(chainRun(round), 'tekton.dev/PipelineRun');
      for (;;) {
        const run = await client.get('tekton.dev/PipelineRun', 'default', `chain-${round}`);
        const status = run === undefined ? undefined : succeeded(run)?.status;
        if (status === 'True') break;
        if (status === 'False') throw new Error(`the chain failed: ${JSON.stringify(run)}`);
        await pause(50);
      }
      const { items } = await client.list('tekton.dev/TaskRun', 'default', { labelSelector: `tekton.dev/pipelineRun=chain-${round}` });
      const spans = items
        .map((taskRun) => field(field(taskRun['status'], 'steps', '0'), 'terminated'))
        .map((ended) => ({ from: time(field(ended, 'startedAt')) ?? 0, to: time(field(ended, 'finishedAt')) ?? 0 }))
        .sort((a, b) => a.from - b.from);
      for (const [index, span] of spans.entries()) {
        steps.push(span.to - span.from);
        const next = spans[index + 1];
        if (next !== undefined) hops.push(next.from - span.to);
      }
    }
  });
  return [
    { what: 'one more task in a chain, p50', value: median(hops), unit: 'ms', budget: 15, note: `from a step's end to the next one's start; ${hops.length} hops; the no-op process itself: ${median(steps)} ms` },
  ];
}
