import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenReplica } from './rendezvous.ts';

const replicas = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });

describe('rendezvous hashing', () => {
  it('does not depend on the order in which replicas are seen', () => {
    fc.assert(
      fc.property(replicas, fc.string(), (some, namespace) => {
        expect(chosenReplica(namespace, some)).toBe(chosenReplica(namespace, some.toReversed()));
      }),
    );
  });

  it('moves only what was for the one that has gone', () => {
    fc.assert(
      fc.property(replicas, fc.nat(), fc.string(), (some, index, namespace) => {
        const gone = some[index % some.length];
        const before = chosenReplica(namespace, some);
        const after = chosenReplica(
          namespace,
          some.filter((replica) => replica !== gone),
        );
        if (before !== gone) expect(after).toBe(before);
      }),
    );
  });

  it('gives everybody about as much', () => {
    const some = ['a', 'b', 'c'];
    const counts = new Map<string | undefined, number>();
    for (let i = 0; i < 3_000; i++) {
      const chosen = chosenReplica(`ns-${i}`, some);
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    for (const replica of some) expect(counts.get(replica)).toBeGreaterThan(900);
    expect(chosenReplica('a', [])).toBeUndefined();
  });
});
