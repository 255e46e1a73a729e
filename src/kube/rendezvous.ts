import { createHash } from 'node:crypto';

/**
 * Which of the replicas a namespace is for: rendezvous hashing, so that one that comes or goes moves only what becomes or was its own. Everybody who
 * sees the same replicas says the same; without any, nobody.
 */
export function chosenReplica(namespace: string, replicas: readonly string[]): string | undefined {
  let chosen: string | undefined;
  let highest = '';
  for (const replica of replicas) {
    const score = createHash('sha256').update(`${replica}\n${namespace}`).digest('hex');
    if (chosen === undefined || score > highest) [chosen, highest] = [replica, score];
  }
  return chosen;
}
