import { setTimeout as pause } from 'node:timers/promises';
import type { TestServer } from '../../support/test-server.ts';
import { withServer } from '../support/bench-server.ts';
import { benchBindings, benchListener } from '../support/listener.ts';
import { fire } from '../support/load.ts';
import { cpuMs, median } from '../support/measure.ts';
import { pullRequestShots } from '../support/payloads.ts';
import type { BenchResult } from '../support/result.ts';

const ROUNDS = 5;
const EVENTS = 400;
const COUNTS = [1, 10, 100, 1_000, 10_000] as const;
const BURST = 2_000;

/**
 * The same events at listeners with 1 to 10,000 triggers of which one matches, all on one server, round by round; then a burst, after which every
 * event that was answered 202 must have its run.
 */
export async function triggers(): Promise<readonly BenchResult[]> {
  const listeners = COUNTS.flatMap((count) => benchListener(`of-${count}`, count));
  const cpu = new Map<number, number[]>(COUNTS.map((count) => [count, []]));
  const burst = await withServer(['--engine', 'none'], [...benchBindings(), ...listeners], async (server) => {
    for (const count of COUNTS) await round(server, count);
    for (let n = 0; n < ROUNDS; n++) for (const count of COUNTS) cpu.get(count)?.push(await round(server, count));
    return await fireBurst(server);
  });
  const of = (count: number) => median(cpu.get(count) ?? []);
  return [
    ...COUNTS.map((count): BenchResult => ({ what: `CPU per event, 1 of ${count} triggers matches`, value: of(count), unit: 'µs' })),
    {
      what: '10,000 triggers against 10, one matches',
      value: of(10_000) / of(10),
      unit: 'times',
      budget: 2,
      note: `medians of ${ROUNDS} interleaved rounds of ${EVENTS} events`,
    },
    { what: `lost of ${BURST} events answered 202 in a burst`, value: burst.lost, unit: 'events', budget: 0, note: burst.note },
  ];
}

async function round(server: TestServer, count: number): Promise<number> {
  const pid = server.process.pid ?? 0;
  const shots = pullRequestShots(EVENTS);
  const before = await cpuMs(pid);
  const { statuses } = await fire(`${server.record.ingress}/default/of-${count}`, shots, 10);
  if (statuses.get(202) !== EVENTS) throw new Error(`of-${count}: ${JSON.stringify([...statuses])}`);
  await settled(server);
  return (((await cpuMs(pid)) - before) * 1000) / EVENTS;
}

async function settled({ client }: TestServer): Promise<void> {
  while ((await client.events('default', { state: 'accepted', limit: '1' })).length > 0) await pause(25);
}

async function fireBurst(server: TestServer): Promise<{ readonly lost: number; readonly note: string }> {
  const runs = async () => {
    const labelSelector = 'triggers.tekton.dev/eventlistener=of-100';
    return (await server.client.list('tekton.dev/PipelineRun', 'default', { labelSelector })).items.length;
  };
  const before = await runs();
  const { statuses, seconds } = await fire(`${server.record.ingress}/default/of-100`, pullRequestShots(BURST), 200);
  const accepted = statuses.get(202) ?? 0;
  await settled(server);
  const lost = accepted - ((await runs()) - before);
  return { lost, note: `${accepted} accepted in ${seconds.toFixed(1)} s over 200 connections, listener of 100 triggers` };
}
