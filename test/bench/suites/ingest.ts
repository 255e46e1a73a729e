import { setTimeout as pause } from 'node:timers/promises';
import { withBareServer, withServer } from '../support/bench-server.ts';
import { benchBindings, benchListener } from '../support/listener.ts';
import { fire, type LoadResult } from '../support/load.ts';
import { cpuMs, median, percentile } from '../support/measure.ts';
import { BENCH_SECRET, pullRequestShots } from '../support/payloads.ts';
import type { BenchResult } from '../support/result.ts';

const ROUNDS = 5;
const EVENTS = 1_500;
const CONNECTIONS = 20;

/**
 * Signed 20 KB pull request events into a durable journal and a created PipelineRun, beside the bare server, round by round so that both meet the same
 * neighbours. CPU time is that of the server process until every event is processed.
 */
export async function ingest(): Promise<readonly BenchResult[]> {
  const bytes = pullRequestShots(1)[0]?.body.length ?? 0;
  const ours: Round[] = [];
  const bare: Round[] = [];
  await withBareServer(BENCH_SECRET, (bareUrl, barePid) =>
    withServer(['--engine', 'none'], [...benchBindings(), ...benchListener('bench', 1)], async (server) => {
      const url = `${server.record.ingress}/default/bench`;
      const pid = server.process.pid ?? 0;
      const settled = async (): Promise<void> => {
        for (;;) {
          const newest = await server.client.events<{ state: string }>('default', { state: 'accepted', limit: '1' });
          if (newest.length === 0) return;
          await pause(25);
        }
      };
      await round(bareUrl, barePid, async () => {});
      await round(url, pid, settled);
      for (let n = 0; n < ROUNDS; n++) {
        bare.push(await round(bareUrl, barePid, async () => {}));
        ours.push(await round(url, pid, settled));
      }
    }),
  );
  const oursUs = median(ours.map(({ cpuUs }) => cpuUs));
  const bareUs = median(bare.map(({ cpuUs }) => cpuUs));
  const latencies = ours.flatMap(({ load }) => load.latencies);
  const rates = ours.map(({ load }) => load.latencies.length / load.seconds);
  return [
    {
      what: 'ingest: CPU per event against bare node:http',
      value: oursUs / bareUs,
      unit: 'times',
      budget: 3,
      note: `${oursUs.toFixed(0)} µs against ${bareUs.toFixed(0)} µs; ${bytes} byte bodies, medians of ${ROUNDS} interleaved rounds of ${EVENTS}`,
    },
    {
      what: 'ingest: events answered a second',
      value: median(rates),
      unit: '/s',
      note: `${CONNECTIONS} connections; generator on the same 2 cores`,
    },
    { what: 'ingest: 202 after, p50', value: percentile(latencies, 50), unit: 'ms' },
    { what: 'ingest: 202 after, p99', value: percentile(latencies, 99), unit: 'ms' },
  ];
}

interface Round {
  readonly cpuUs: number;
  readonly load: LoadResult;
}

async function round(url: string, pid: number, settled: () => Promise<void>): Promise<Round> {
  const shots = pullRequestShots(EVENTS);
  const before = await cpuMs(pid);
  const load = await fire(url, shots, CONNECTIONS);
  await settled();
  const cpuUs = (((await cpuMs(pid)) - before) * 1000) / EVENTS;
  const refused = [...load.statuses].filter(([status]) => status !== 202);
  if (refused.length > 0) throw new Error(`${url} answered ${refused.map(([status, count]) => `${count} x ${status}`).join(', ')}`);
  return { cpuUs, load };
}
