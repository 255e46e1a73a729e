import { tickDelivery } from '../events/schedules/tick.ts';
import type { Http } from '../ports/http.ts';
import type { Logger } from '../ports/logger.ts';
import { StoreError } from '../ports/store.ts';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import type { Schedule } from '../resources/schedule/schema.ts';
import { EventTally } from '../server/metrics/event-tally.ts';
import { type MemoryStores, openMemory } from '../stores/memory/open-memory.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { compileConfiguration } from './compile-configuration.ts';
import { signRehearsal } from './sign-rehearsal.ts';
import { standingClock } from './standing-clock.ts';
import { type Events, startEvents } from './start-events.ts';
import { systemIds } from './system-ids.ts';

/** One event, and the server it comes to. */
export interface Rehearsal {
  /** What the server has: admitted, each with its namespace. */
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
  readonly occasion: RehearsedRequest | RehearsedTick;
  readonly eventId: string;
  readonly http: Http;
  /** When it all happens. Milliseconds since the epoch. */
  readonly now: number;
  /** Whether only that machine can reach the listener. */
  readonly loopback: boolean;
  /** Triggers whose chain is told though the index passes them over: by name, or `namespace/name`. */
  readonly explain: readonly string[];
}

export interface RehearsedRequest {
  readonly kind: 'request';
  readonly listener: string;
  readonly method: string;
  readonly url: string;
  /** Canonical names. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  /** `auto`: as a sender would for whom the listener is set up, if it verifies anything; or with this secret; or `no`. */
  readonly sign: 'auto' | 'no' | { readonly secretName: string; readonly secretKey: string };
}

export interface RehearsedTick {
  readonly kind: 'tick';
  readonly schedule: string;
  /** The tick's body as it is to be, given as it would be. */
  readonly body: (ticks: Buffer) => Buffer;
}

export type Rehearsed =
  | { readonly outcome: 'judged'; readonly verdicts: readonly TriggerVerdict[] }
  /** Not taken for an event: the sender was told so, or answered in a way of his own. */
  | { readonly outcome: 'refused'; readonly message: string }
  /** Nothing was tried: the rehearsal itself is wrong. */
  | { readonly outcome: 'invalid'; readonly message: string };

type NotJudged = Exclude<Rehearsed, { readonly outcome: 'judged' }>;

/**
 * What a server with these objects would make of the event: the real intake, judge and journal over a store in memory, and nothing of it outlives
 * the call.
 */
export async function rehearseEvent(given: Rehearsal): Promise<Rehearsed> {
  const stores = openMemory({ clock: standingClock(given.now), ids: systemIds });
  try {
    return given.occasion.kind === 'tick'
      ? await rehearseTick(given, given.occasion, stores)
      : await rehearseRequest(given, given.occasion, stores);
  } finally {
    await stores.close();
  }
}

async function rehearseRequest(given: Rehearsal, request: RehearsedRequest, stores: MemoryStores): Promise<Rehearsed> {
  const { namespace, loopback } = given;
  const { listener, method, url, body } = request;
  const compiled = compileConfiguration(given.objects, { loopback }).find(
    (known) => known.name === listener && known.namespace === namespace,
  );
  if (compiled === undefined) return invalid(`there is no EventListener ${namespace}/${listener}`);
  const signed = signRehearsal(given, request, compiled.signatures);
  if (!signed.ok) return invalid(signed.message);
  const problem = await create(stores, signed.objects);
  if (problem !== undefined) return problem;
  return await atServer(given, stores, async ({ intake }) => {
    const found = intake.find(`${namespace}/${listener}`);
    if (found === undefined) throw new Error(`EventListener ${namespace}/${listener} was created, and is not there`);
    const acceptance = await intake.accept(found, { method, url, body, headers: signed.headers, receivedAt: given.now });
    if (!('eventId' in acceptance)) return refused('message' in acceptance ? acceptance.message : acceptance.body);
    return acceptance.eventId === undefined ? refused('it is answered, and is no event') : undefined;
  });
}

/** The tick lies in the journal when the server starts, as if an earlier life had accepted it. */
async function rehearseTick(given: Rehearsal, { schedule, body }: RehearsedTick, stores: MemoryStores): Promise<Rehearsed> {
  const { namespace, now, eventId } = given;
  const problem = await create(stores, given.objects);
  if (problem !== undefined) return problem;
  const stored = await stores.store.get<Stored<Schedule>>({ kind: 'tappet.dev/Schedule', namespace, name: schedule });
  if (stored === undefined) return invalid(`there is no Schedule ${namespace}/${schedule}`);
  const tick = tickDelivery(stored, { scheduledFor: now, firedAt: now, lastSuccess: undefined });
  await stores.journal.append({ ...tick, eventId, body: body(tick.body) });
  return await atServer(given, stores, async () => undefined);
}

/** Brings a server up, lets the event come, and waits for its verdicts. */
async function atServer(
  given: Rehearsal,
  stores: MemoryStores,
  come: (events: Events) => Promise<NotJudged | undefined>,
): Promise<Rehearsed> {
  const events = await startEvents({
    ...stores,
    clock: standingClock(given.now),
    ids: { ...systemIds, uuid: () => given.eventId },
    logger: silent,
    meter: new EventTally(),
    config: defaultEngineConfig,
    loopback: given.loopback,
    http: given.http,
    url: () => '',
  });
  try {
    const notJudged = await come(events);
    if (notJudged !== undefined) return notJudged;
    for (;;) {
      const entry = await stores.journal.get(given.eventId);
      if (entry?.state === 'processed') return { outcome: 'judged', verdicts: await explained(entry.verdicts, given, events) };
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await events.close();
  }
}

async function create({ store }: MemoryStores, objects: readonly KubeObject[]): Promise<NotJudged | undefined> {
  for (const object of objects) {
    try {
      await store.create(object);
    } catch (error) {
      if (error instanceof StoreError) return invalid(`${object.kind} ${object.metadata.name}: ${error.message}`);
      throw error;
    }
  }
  return undefined;
}

function invalid(message: string): NotJudged {
  return { outcome: 'invalid', message };
}

function refused(message: string): NotJudged {
  return { outcome: 'refused', message };
}

/** Which triggers the index passes over is no matter of the test: of those that are asked for it is told why they were filtered. */
async function explained(
  verdicts: readonly TriggerVerdict[],
  { explain, eventId }: Rehearsal,
  { actions }: Events,
): Promise<readonly TriggerVerdict[]> {
  const names = (verdict: TriggerVerdict): readonly string[] => [verdict.trigger, `${verdict.namespace}/${verdict.trigger}`];
  const known = new Set(verdicts.filter(({ verdict, chain }) => verdict !== 'filtered' || chain.length > 0).flatMap(names));
  const judged: TriggerVerdict[] = [];
  for (const trigger of explain) {
    if (known.has(trigger)) continue;
    const explanation = await actions.explain(eventId, trigger);
    if (explanation.outcome !== 'judged') continue;
    judged.push(...explanation.verdicts);
    for (const name of explanation.verdicts.flatMap(names)) known.add(name);
  }
  const told = new Set(judged.flatMap(names));
  return [...verdicts.filter((verdict) => !told.has(verdict.trigger) || verdict.trigger === ''), ...judged];
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
