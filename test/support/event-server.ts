import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type Events, startEvents } from '../../src/main/start-events.ts';
import type { Http } from '../../src/ports/http.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import { Ingress } from '../../src/server/ingress.ts';
import { listen } from '../../src/server/listen.ts';
import { EventTally } from '../../src/server/metrics/event-tally.ts';
import { BodyBudget } from '../../src/server/read-body.ts';
import { type MemoryStores, openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from './counting-ids.ts';
import { ManualClock } from './manual-clock.ts';
import { silentLogger } from './silent-logger.ts';

export interface EventServer {
  readonly stores: MemoryStores;
  readonly events: Events;
  readonly clock: ManualClock;
  readonly tally: EventTally;
  readonly port: number;
  post(path: string, body: string | Buffer, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer>;
  /** Resolves when every accepted event is processed and its verdicts can be read. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface EventServerOptions {
  readonly objects?: readonly KubeObject[];
  readonly stores?: MemoryStores;
  readonly ids?: Ids;
  readonly loopback?: boolean;
  readonly http?: Http;
  readonly logger?: Logger;
  readonly defaultListener?: string;
}

/** Nobody is there. */
const noHttp: Http = {
  send: async ({ url }) => ({ ok: false, code: 'Unreachable', message: `cannot reach ${url}: nobody is there` }),
  close: async () => {},
};

/** Ingress and events over the memory store, on loopback: what a sender meets, without the engine. */
export async function startEventServer(options: EventServerOptions = {}): Promise<EventServer> {
  const clock = new ManualClock();
  const ids = options.ids ?? countingIds();
  const logger = options.logger ?? silentLogger;
  const stores = options.stores ?? openMemory({ clock, ids });
  for (const object of options.objects ?? []) await stores.store.create(object);
  const tally = new EventTally();
  const events = await startEvents({
    ...stores,
    clock,
    ids,
    logger,
    meter: tally,
    config: defaultEngineConfig,
    http: options.http ?? noHttp,
    loopback: options.loopback ?? true,
    url: () => 'http://ingress.test',
  });
  const budget = new BodyBudget(64 * 1024 * 1024);
  const ingress = new Ingress({ intake: events.intake, clock, logger, meter: tally, budget, defaultListener: options.defaultListener });
  const server = await listen({ handler: ingress.handle, host: '127.0.0.1', port: 0, name: 'ingress', portOption: '--ingress' });
  return {
    stores,
    events,
    clock,
    tally,
    port: server.port,
    post: (path, body, headers = {}, method = 'POST') => send(server.port, method, path, body, headers),
    async settled() {
      while (events.depth > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    async close() {
      await server.close(0);
      await events.close();
      await stores.close();
    },
  };
}

function send(
  port: number,
  method: string,
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, agent: false, headers: { 'content-length': length, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
