import { setTimeout as pause } from 'node:timers/promises';
import { withServer } from '../support/bench-server.ts';
import { benchBindings, benchListener } from '../support/listener.ts';
import { median, residentMib } from '../support/measure.ts';
import type { BenchResult } from '../support/result.ts';

const ROUNDS = 7;

/** From spawning the program to its serving, and what it then holds in memory. */
export async function start(): Promise<readonly BenchResult[]> {
  const ready: number[] = [];
  const resident: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const spawned = performance.now();
    await withServer(['--image-map', '*=host'], [], async (server) => {
      ready.push(performance.now() - spawned);
      const answer = await fetch(`${server.record.api}/readyz`);
      if (!answer.ok) throw new Error(`/readyz answered ${answer.status}`);
      await answer.body?.cancel();
      for (const object of [...benchBindings(), ...benchListener('bench', 10)])
        await server.client.create(
          object,
          object.apiVersion.includes('/') ? `${object.apiVersion.split('/')[0]}/${object.kind}` : object.kind,
        );
      await pause(1_000);
      resident.push(await residentMib(server.process.pid ?? 0));
    });
  }
  return [
    { what: 'server start to ready', value: median(ready), unit: 'ms', budget: 700, note: `median of ${ROUNDS}; spawn included` },
    {
      what: 'resident memory, idle',
      value: median(resident),
      unit: 'MiB',
      budget: 120,
      note: 'embedded, sandbox runtime, one listener loaded',
    },
  ];
}
