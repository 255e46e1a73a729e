import { expect, it } from 'vitest';
import { pod as plan } from '../../../test/contract/runtime-support.ts';
import { scriptedCluster } from '../../../test/support/scripted-cluster.ts';
import { silentLogger } from '../../../test/support/silent-logger.ts';
import { turnHands } from '../../../test/support/turn-hands.ts';
import type { Logger } from '../../ports/logger.ts';

const planned = (uid = 'u1-0') => plan({ uid, steps: [{ name: 'one', command: ['true'] }] });
const materials = { configMaps: new Map(), secrets: new Map() };

it('reads the limit ranges of all namespaces once, however many pods there are', async () => {
  const cluster = await scriptedCluster();
  const limit = { type: 'Container', defaultRequest: { cpu: '1' } };
  cluster.limitRanges = [
    { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a', namespace: 'ci' }, spec: { limits: [limit] } },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'b', namespace: 'other' },
      spec: { limits: [{ ...limit, min: { cpu: '9' } }] },
    },
  ];
  await cluster.runtime.start(planned('u1-0'), materials);
  await cluster.runtime.start(planned('u2-0'), materials);
  expect(cluster.created.map(({ spec }) => spec.containers[0]?.resources)).toEqual([
    { requests: { cpu: '1' } },
    { requests: { cpu: '1' } },
  ]);
  expect(cluster.requestsOf('GET', /limitranges/).map(({ path }) => path.includes('watch'))).toEqual([false, true]);
});

it('makes pods where nobody lets it read limit ranges, and says so once', async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const cluster = await scriptedCluster({ logger });
  cluster.limitRanges = 403;
  await turnHands(cluster.clock, cluster.runtime.start(planned('u1-0'), materials));
  await turnHands(cluster.clock, cluster.runtime.start(planned('u2-0'), materials));
  expect(cluster.created).toHaveLength(2);
  expect(warnings).toEqual([expect.stringContaining('list and watch limitranges')]);
});
