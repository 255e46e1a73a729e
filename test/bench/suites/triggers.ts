import { setTimeout as pause } from 'node:timers/promises';
import { withServer } from '../support/bench-server.ts';
import { benchBindings, benchListener } from '../support/listener.ts';
import { fire } from '../support/load.ts';
import { cpuMs, median } from '../support/measure.ts';
import { pullRequestShots } from '../support/payloads.ts';
import type { BenchResult } from '../support/result.ts';

const ROUNDS = 5;
const EVENTS = 500;

/** The same events at a listener with 10 triggers and at one with 10,000, of which one matches; both on one server, round by round. */
export async function triggers(): Promise<readonly BenchResult[]> {
  const few: number[] = [];
  const many: number[] = [];
  await withServer(
    ['--runs', 'none'],
    [...benchBindings(), ...benchListener('few', 10), ...benchListener('many', 10_000)],
    async (server) => {
      const pid = server.process.pid ?? 0;
      const round = async (listener: string): Promise<number> => {
        const shots = pullRequestShots(EVENTS);
        const before = await cpuMs(pid);
        const { statuses } = await fire(`${server.record.ingress}/default/${listener}`, shots, 10);
        if (statuses.get(202) !== EVENTS) throw new Error(`${listener}: ${JSON.stringify([...statuses])}`);
        while ((await server.client.events('default', { state: 'accepted', limit: '1' })).length > 0) await pause(25);
        return (((await cpuMs(pid)) - before) * 1000) / EVENTS;
      };
      await round('few');
      await round('many');
      for (let n = 0; n < ROUNDS; n++) {
        few.push(await round('few'));
        many.push(await round('many'));
      }
    },
  );
  return [
    {
      what: '10,000 triggers against 10, one matches',
      value: median(many) / median(few),
      unit: 'times',
      budget: 2,
      note: `${median(many).toFixed(0)} µs against ${median(few).toFixed(0)} µs CPU an event`,
    },
  ];
}
