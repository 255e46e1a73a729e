import { describe, expect, it, onTestFinished } from 'vitest';
import { connectionTo } from '../../test/support/kube-connection.ts';
import { type LeaseServer, leaseServer, refuse } from '../../test/support/lease-server.ts';
import type { Received } from '../../test/support/local-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Logger } from '../ports/logger.ts';
import { createKubeClient } from './create-kube-client.ts';
import { Replicas } from './replicas.ts';

interface Replica {
  readonly replicas: Replicas;
  /** Its own: one that is not turned is a process that hangs, or is dead. */
  readonly clock: ManualClock;
  /** `members`, each time they changed. */
  readonly changes: string[];
  /** What it logged, with the error. */
  readonly said: string[];
}

const namespaces = Array.from({ length: 40 }, (_, n) => `ns-${n}`);
let processes = 0;

async function replica(api: LeaseServer, identity: string, { clock = new ManualClock(), random = 0.5 } = {}): Promise<Replica> {
  const client = createKubeClient(connectionTo(api.url), { clock, attempts: 1 });
  const changes: string[] = [];
  const said: string[] = [];
  const say = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    void said.push(`${message}: ${fields?.['error'] ?? ''}`);
  const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
  const replicas: Replicas = new Replicas({
    client,
    clock,
    logger,
    namespace: 'tappet',
    group: 'test',
    identity,
    process: `p${++processes}`,
    random: () => random,
    onChange: () => changes.push(replicas.members.join()),
  });
  onTestFinished(async () => {
    await replicas.close();
    client.close();
  });
  await replicas.start();
  await api.settle();
  return { replicas, clock, changes, said };
}

/** Turns the clocks of those that live, and lets every request be answered after each half second. */
async function turn(api: LeaseServer, seconds: number, ...living: readonly Replica[]): Promise<void> {
  for (let step = 0; step < seconds * 2; step++) {
    for (const { clock } of living) clock.advance(500);
    await api.settle();
  }
}

const membersOf = (...some: readonly Replica[]): readonly string[] => some.map(({ replicas }) => replicas.members.join());
/** For each namespace, how many believe that it is theirs. */
const ownersOf = (...some: readonly Replica[]): ReadonlySet<number> =>
  new Set(namespaces.map((namespace) => some.filter(({ replicas }) => replicas.owns(namespace)).length));
const once = new Set([1]);
const isWrite = ({ method, path }: Received, identity: string): boolean => method !== 'GET' && path.endsWith(`/tappet-${identity}`);

describe('replicas', () => {
  it('see each other at once, and each namespace is for one of them', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    expect(ownersOf(a, b)).toEqual(once);
    await turn(api, 60, a, b);
    expect([a.changes, b.changes]).toEqual([['a', 'a,b'], ['a,b']]);
    expect([a.said, b.said]).toEqual([[], []]);
  });

  it('take over at once from one that leaves', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await b.replicas.close();
    await api.settle();
    expect(membersOf(a)).toEqual(['a']);
    expect(ownersOf(a)).toEqual(once);
    expect(ownersOf(b)).toEqual(new Set([0]));
    expect([...api.leases.keys()]).toEqual(['tappet-a']);
  });

  it('take over 15 s after the last word of one that was killed', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await turn(api, 14.5, a);
    expect(membersOf(a)).toEqual(['a,b']);
    await turn(api, 0.5, a);
    expect(membersOf(a)).toEqual(['a']);
    // It stays out, however often its Lease is seen.
    api.endWatches('expired');
    await turn(api, 60, a);
    expect(a.changes).toEqual(['a', 'a,b', 'a']);
    expect(membersOf(b)).toEqual(['a,b']);
  });

  it.each([-5, 5])('do not believe the clock of another one (%i hours off)', async (hours) => {
    const api = await leaseServer();
    const a = await replica(api, 'a');
    const b = await replica(api, 'b', { clock: new ManualClock(a.clock.now() + hours * 3_600_000) });
    await turn(api, 40, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    await turn(api, 15, a);
    expect(membersOf(a)).toEqual(['a']);
  });

  it('that both believe to lead come to agree: one that hung comes back', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await turn(api, 15, a);
    // `b` has not noticed yet that it was away: what both do is fenced by names and versions.
    expect(ownersOf(a, b)).toEqual(new Set([1, 2]));
    await turn(api, 5, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    expect(ownersOf(a, b)).toEqual(once);
  });

  it('give themselves up before the others take over, when they cannot renew their Lease', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await turn(api, 5, a, b);
    api.intercept = (request, response) => {
      if (!isWrite(request, 'b')) return false;
      refuse(response, 500, 'InternalError', 'etcd has no leader');
      return true;
    };
    await turn(api, 9, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    await turn(api, 1, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a']);
    await turn(api, 5, a, b);
    expect(membersOf(a, b)).toEqual(['a', 'a']);
    expect(ownersOf(a, b)).toEqual(once);
    expect(b.said).toEqual(['the lease of this replica could not be renewed, trying again: etcd has no leader']);
    api.intercept = () => false;
    await turn(api, 3, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
  });

  it('give a renewal up that nobody answers, and themselves in time', async () => {
    const api = await leaseServer();
    const a = await replica(api, 'a');
    api.intercept = (request) => isWrite(request, 'a');
    await turn(api, 10, a);
    expect(membersOf(a)).toEqual(['']);
    expect(a.said).toEqual(['the lease of this replica could not be renewed, trying again: no answer within 3 s']);
    api.intercept = () => false;
    await turn(api, 6, a);
    expect(membersOf(a)).toEqual(['a']);
  });

  it('that are cut off own nothing and declare nobody dead; a server that is back finds them all', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await api.stop();
    await turn(api, 60, a, b);
    expect(membersOf(a, b)).toEqual(['b', 'a']);
    expect(ownersOf(a, b)).toEqual(new Set([0]));
    await api.restart();
    await turn(api, 5, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    expect(ownersOf(a, b)).toEqual(once);
  });

  it('come through a short restart of the server without a change of shares', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await api.stop();
    await turn(api, 4, a, b);
    await api.restart();
    await turn(api, 60, a, b);
    expect([a.changes.at(-1), a.changes.length, b.changes.length]).toEqual(['a,b', 2, 1]);
  });

  it.each(['expired', 'cut'] as const)('list anew or go on after a watch that is %s, and find who has left meanwhile', async (how) => {
    const api = await leaseServer();
    const [a, b, c] = [await replica(api, 'a'), await replica(api, 'b'), await replica(api, 'c')];
    api.deaf = true;
    await c.replicas.close();
    api.deaf = false;
    api.endWatches(how);
    await turn(api, how === 'cut' ? 15 : 2, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
  });

  it('whose watch is deaf still see who lives, who died and who has left', async () => {
    const api = await leaseServer();
    const [a, b, c] = [await replica(api, 'a'), await replica(api, 'b'), await replica(api, 'c')];
    api.deaf = true;
    await turn(api, 40, a, b, c);
    expect(membersOf(a, b, c)).toEqual(['a,b,c', 'a,b,c', 'a,b,c']);
    await c.replicas.close();
    await turn(api, 16, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    await turn(api, 30, a);
    expect(membersOf(a)).toEqual(['a']);
  });

  it('without the right to watch say so once, with the rule, and see each other all the same', async () => {
    const api = await leaseServer();
    api.intercept = ({ path }, response) => {
      if (!path.includes('watch=')) return false;
      refuse(
        response,
        403,
        'Forbidden',
        'User "x" cannot watch resource "leases" in API group "coordination.k8s.io" in the namespace "tappet"',
      );
      return true;
    };
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    await turn(api, 60, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    expect(a.said).toEqual([
      'leases of the replicas could not be watched, trying again: User "x" cannot watch resource "leases" in API group "coordination.k8s.io" in the ' +
        'namespace "tappet"; add this rule to its Role or ClusterRole: {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["watch"]}',
    ]);
    await turn(api, 32, a);
    expect(membersOf(a)).toEqual(['a']);
  });

  it('do not start without the right to have a Lease, and leave none behind when they may not list', async () => {
    const api = await leaseServer();
    api.intercept = ({ method, path }, response) => {
      if (method !== 'GET' || path.endsWith('/tappet-a')) return false;
      refuse(response, 403, 'Forbidden', 'no list for you');
      return true;
    };
    await expect(replica(api, 'a')).rejects.toMatchObject({ code: 403, message: 'no list for you' });
    expect(api.leases.size).toBe(0);
  });

  it('come back when somebody deletes their Lease by hand', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a'), await replica(api, 'b')];
    api.remove('tappet-b');
    await api.settle();
    expect([a.changes.at(-1), b.changes.at(-1)]).toEqual(['a', 'a']);
    await turn(api, 0.5, a, b);
    expect(membersOf(a, b)).toEqual(['a,b', 'a,b']);
    expect(ownersOf(a, b)).toEqual(once);
  });

  it('of one identity: the later one works, the earlier one says why it does not, and takes over when that one has ended', async () => {
    const api = await leaseServer();
    const first = await replica(api, 'a');
    const second = await replica(api, 'a');
    await turn(api, 0.5, first, second);
    expect(membersOf(first, second)).toEqual(['', 'a']);
    await turn(api, 30, first, second);
    expect(ownersOf(first, second)).toEqual(once);
    expect(ownersOf(first)).toEqual(new Set([0]));
    expect([first.said, second.said]).toEqual([
      ['another process goes by the name of this replica; this one does nothing until that one has ended: '],
      [],
    ]);
    // The earlier one does not take the other's Lease with it when it is that one that goes.
    await second.replicas.close();
    await turn(api, 1, first);
    expect(ownersOf(first)).toEqual(once);
  });

  it('of one identity: leaves the Lease of the other one alone, and takes it when it has run out', async () => {
    const api = await leaseServer();
    const [first, second, third] = [await replica(api, 'a'), await replica(api, 'a'), await replica(api, 'a')];
    await turn(api, 0.5, first, second, third);
    await first.replicas.close();
    expect(api.leases.size).toBe(1);
    await turn(api, 22, second);
    expect(ownersOf(second)).toEqual(once);
  });

  it('renew every four to five seconds, each at its own moments', async () => {
    const api = await leaseServer();
    const [a, b] = [await replica(api, 'a', { random: 0 }), await replica(api, 'b', { random: 1 })];
    await turn(api, 20, a, b);
    const pauses = (name: string): readonly number[] => {
      const times = (api.renewals.get(name) ?? []).map((time) => Date.parse(time));
      return times.slice(1).map((time, index) => time - (times[index] ?? 0));
    };
    expect(pauses('tappet-a')).toEqual([5_000, 5_000, 5_000, 5_000]);
    expect(pauses('tappet-b')).toEqual([4_000, 4_000, 4_000, 4_000, 4_000]);
  });
});
