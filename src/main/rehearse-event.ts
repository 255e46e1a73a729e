import type { Http } from '../ports/http.ts';
import type { Logger } from '../ports/logger.ts';
import { StoreError } from '../ports/store.ts';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { KubeObject } from '../resources/object.ts';
import { EventTally } from '../server/event-tally.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
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
  readonly listener: string;
  readonly eventId: string;
  readonly method: string;
  readonly url: string;
  /** Canonical names. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  /** `auto`: as a sender would for whom the listener is set up, if it verifies anything; or with this secret; or `no`. */
  readonly sign: 'auto' | 'no' | { readonly secretName: string; readonly secretKey: string };
  readonly http: Http;
  /** When it all happens. Milliseconds since the epoch. */
  readonly now: number;
  /** Whether only that machine can reach the listener. */
  readonly loopback: boolean;
  /** Triggers whose chain is told though the index passes them over: by name, or `namespace/name`. */
  readonly explain: readonly string[];
}

export type Rehearsed =
  | { readonly outcome: 'judged'; readonly verdicts: readonly TriggerVerdict[] }
  /** Not taken for an event: the sender was told so, or answered in a way of his own. */
  | { readonly outcome: 'refused'; readonly message: string }
  /** Nothing was tried: the rehearsal itself is wrong. */
  | { readonly outcome: 'invalid'; readonly message: string };

/**
 * What a server with these objects would make of the event: the real intake, judge and journal over a store in memory, and nothing of it outlives
 * the call.
 */
export async function rehearseEvent(given: Rehearsal): Promise<Rehearsed> {
  const { namespace, listener: name, loopback } = given;
  const compiled = compileConfiguration(given.objects, { loopback }).find(
    (candidate) => candidate.name === name && candidate.namespace === namespace,
  );
  if (compiled === undefined) return { outcome: 'invalid', message: `there is no EventListener ${namespace}/${name}` };
  const signed = signRehearsal(given, compiled.signatures);
  if (!signed.ok) return { outcome: 'invalid', message: signed.message };
  const { objects, headers } = signed;

  const clock = standingClock(given.now);
  const stores = openMemory({ clock, ids: systemIds });
  for (const object of objects) {
    const problem = await stores.store.create(object).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof StoreError) return `${object.kind} ${object.metadata.name}: ${error.message}`;
        throw error;
      },
    );
    if (problem !== undefined) return { outcome: 'invalid', message: problem };
  }
  const events = await startEvents({
    ...stores,
    clock,
    ids: { ...systemIds, uuid: () => given.eventId },
    logger: silent,
    meter: new EventTally(),
    config: defaultEngineConfig,
    loopback,
    http: given.http,
    url: () => '',
  });
  try {
    const found = events.intake.find(`${namespace}/${name}`);
    if (found === undefined) throw new Error(`EventListener ${namespace}/${name} was created, and is not there`);
    const { method, url, body } = given;
    const acceptance = await events.intake.accept(found, { method, url, body, headers, receivedAt: given.now });
    if (!('eventId' in acceptance)) return { outcome: 'refused', message: 'message' in acceptance ? acceptance.message : acceptance.body };
    if (acceptance.eventId === undefined) return { outcome: 'refused', message: 'it is answered, and is no event' };
    while (events.depth > 0) await new Promise((resolve) => setImmediate(resolve));
    const verdicts = (await stores.journal.get(acceptance.eventId))?.verdicts ?? [];
    return { outcome: 'judged', verdicts: await explained(verdicts, given, events) };
  } finally {
    await events.close();
    await stores.close();
  }
}

/** Which triggers the index passes over is no matter of the test: of those that are asked for it is told why they were filtered. */
async function explained(
  verdicts: readonly TriggerVerdict[],
  { explain, eventId }: Rehearsal,
  events: Events,
): Promise<readonly TriggerVerdict[]> {
  const names = (verdict: TriggerVerdict): readonly string[] => [verdict.trigger, `${verdict.namespace}/${verdict.trigger}`];
  const known = new Set(verdicts.filter(({ verdict, chain }) => verdict !== 'filtered' || chain.length > 0).flatMap(names));
  const judged: TriggerVerdict[] = [];
  for (const trigger of explain) {
    if (known.has(trigger)) continue;
    const explanation = await events.actions.explain(eventId, trigger);
    if (explanation.outcome === 'judged') judged.push(...explanation.verdicts);
  }
  const told = new Set(judged.flatMap(names));
  return [...verdicts.filter((verdict) => !told.has(verdict.trigger) || verdict.trigger === ''), ...judged];
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
