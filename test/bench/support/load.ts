import { Agent, request } from 'node:http';

/** One prepared request: the generator spends nothing on making it. */
export interface Shot {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

export interface LoadResult {
  /** Milliseconds of each answer, in order of arrival. */
  readonly latencies: readonly number[];
  readonly statuses: ReadonlyMap<number, number>;
  readonly seconds: number;
}

/** Sends every shot once over `connections` kept-alive connections, each as fast as it is answered. Loopback only. */
export async function fire(url: string, shots: readonly Shot[], connections: number): Promise<LoadResult> {
  const { hostname } = new URL(url);
  if (hostname !== '127.0.0.1') throw new Error(`load goes to loopback only, not to ${hostname}`);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const statuses = new Map<number, number>();
  const queue = shots[Symbol.iterator]();
  const started = performance.now();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const sent = performance.now();
      const status = await post(url, next.value, agent);
      latencies.push(performance.now() - sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return { latencies, statuses, seconds: (performance.now() - started) / 1000 };
}

function post(url: string, { headers, body }: Shot, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
