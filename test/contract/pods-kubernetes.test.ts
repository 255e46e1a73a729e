import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/kube-client.ts';
import {
  type ClusterUnderTest,
  clusterName,
  clusterUnavailable,
  clusterUnderTest,
  skippedBecause,
} from '../support/kubelet/cluster-under-test.ts';
import type { Pod } from '../support/kubelet/pod.ts';
import { PodWorld, sh, states } from '../support/kubelet/pod-world.ts';

/** What our runtime relies on a kubelet to do. The same on a real one and on the stand-in, which holds it to the truth. */
describe.skipIf(clusterUnavailable !== undefined)(`the life of pods on ${clusterName}${skippedBecause}`, () => {
  let cluster: ClusterUnderTest;
  let pods: PodWorld;
  beforeAll(async () => {
    cluster = await clusterUnderTest();
    pods = new PodWorld(cluster);
  });
  afterAll(async () => {
    await cluster?.close();
  });

  const conditions = ({ status }: Pod): string[] =>
    (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, is, ...(reason ? [reason] : [])].join(' ')).toSorted();

  it('runs init containers one after the other, then the others beside each other, and says how each ended', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const pod = await pods.ended(
      await pods.create({
        volumes: [{ name: 'shared', emptyDir: {} }],
        initContainers: [
          sh('first', 'echo 1 > /shared/order', { volumeMounts }),
          sh('second', 'echo 2 >> /shared/order', { volumeMounts }),
        ],
        containers: [
          sh('zoe', 'until [ -e /shared/here ]; do sleep 0.1; done; tr -d "\\n" < /shared/order > /dev/termination-log; exit 3', {
            volumeMounts,
          }),
          sh('adam', 'touch /shared/here', { volumeMounts }),
        ],
      }),
    );
    const terminated = { exitCode: 0, reason: 'Completed', startedAt: expect.stringMatching(/:\d\dZ$/), finishedAt: expect.any(String) };
    expect(states(pod)).toMatchObject({
      first: { terminated },
      second: { terminated },
      adam: { terminated },
      zoe: { terminated: { exitCode: 3, reason: 'Error', message: '12' } },
    });
    expect(pod.status?.containerStatuses?.map(({ name, ready, started }) => [name, ready, started])).toEqual([
      ['adam', false, false],
      ['zoe', false, false],
    ]);
    expect(pod.status?.initContainerStatuses?.map(({ name, ready }) => [name, ready])).toEqual([
      ['first', true],
      ['second', true],
    ]);
    expect([pod.status?.phase, ...conditions(pod)]).toEqual([
      'Failed',
      'ContainersReady False PodFailed',
      'Initialized True',
      'PodReadyToStartContainers False',
      'PodScheduled True',
      'Ready False PodFailed',
    ]);
  });

  it('starts nothing behind an init container that failed', async () => {
    const pod = await pods.ended(await pods.create({ initContainers: [sh('bad', 'exit 2')], containers: [sh('main', 'true')] }));
    expect([pod.status?.phase, states(pod)]).toMatchObject([
      'Failed',
      { bad: { terminated: { exitCode: 2 } }, main: { waiting: { reason: 'PodInitializing' } } },
    ]);
    expect(conditions(pod)).toContain('Initialized False ContainersNotInitialized');
  });

  it('says that a command is not there, and runs the other container', async () => {
    const pod = await pods.ended(await pods.create({ containers: [sh('typo', '', { command: ['no-such-command'] }), sh('fine', 'true')] }));
    const message = expect.stringMatching(/^failed to create containerd task: .*no-such-command/s);
    expect(states(pod)).toMatchObject({
      typo: { terminated: { exitCode: 128, reason: 'StartError', message, startedAt: '1970-01-01T00:00:00Z' } },
      fine: { terminated: { exitCode: 0 } },
    });
  });

  it('keeps a container waiting whose image is not to be had, and runs the others', async () => {
    const pod = await pods.create({
      containers: [sh('odd', '', { image: 'registry.example/odd:1' }), sh('wrong', '', { image: 'UPPER:case:bad' }), sh('fine', 'true')],
    });
    const backs = await pods.until(
      pod,
      (seen) => states(seen)['odd']?.waiting?.reason === 'ImagePullBackOff' && states(seen)['fine']?.terminated !== undefined,
    );
    expect([backs.status?.phase, states(backs)]).toMatchObject([
      'Pending',
      {
        odd: { waiting: { message: expect.stringMatching(/^Back-off pulling image "registry.example\/odd:1"/) } },
        wrong: { waiting: { reason: 'InvalidImageName' } },
        fine: { terminated: { exitCode: 0 } },
      },
    ]);
    const refused = await pods.log(pod, 'odd').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 400, message: expect.stringMatching(/^container "odd" in pod "pod-\d+" is waiting to start: /) });
  });

  it('waits for a Secret that its variables come from, and for a ConfigMap that is a volume', async () => {
    const { namespace, store } = cluster;
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'late', key: 'token' } } }];
    const asks = await pods.create({ containers: [sh('main', 'echo "$TOKEN"', { env })] });
    const waiting = await pods.until(asks, (seen) => states(seen)['main']?.waiting?.reason === 'CreateContainerConfigError');
    expect([waiting.status?.phase, states(waiting)['main']]).toMatchObject([
      'Pending',
      { waiting: { message: 'secret "late" not found' } },
    ]);
    const volumeMounts = [{ name: 'late', mountPath: '/late' }];
    const mounts = await pods.create({
      volumes: [{ name: 'late', configMap: { name: 'late' } }],
      containers: [sh('main', 'cat /late/a', { volumeMounts })],
    });
    await pods.until(mounts, (seen) => states(seen)['main']?.waiting?.reason === 'ContainerCreating');
    await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace }, data: { token: 'czNjcmV0' } });
    await store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace }, data: { a: 'text' } });
    expect([await pods.log(await pods.ended(asks), 'main'), await pods.log(await pods.ended(mounts), 'main')]).toEqual([
      's3cret\n',
      'text',
    ]);
  });

  it('starts a sidecar first, again when it ends, and ends it behind the others with TERM', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const sidecar = `echo up >> /shared/starts; [ "$(wc -l < /shared/starts)" -gt 1 ] || exit 4
      trap 'echo told; exit 0' TERM; touch /shared/ready; sleep 300 & wait`;
    const startupProbe = { exec: { command: ['sh', '-c', '[ -e /shared/ready ]'] }, periodSeconds: 1, failureThreshold: 100 };
    // The last is ended first: it would leave the other no time to listen.
    const deaf = sh('deaf', 'sleep 300', { restartPolicy: 'Always' });
    const pod = await pods.create({
      terminationGracePeriodSeconds: 10,
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [deaf, sh('helper', sidecar, { restartPolicy: 'Always', startupProbe, volumeMounts })],
      containers: [sh('main', 'cat /shared/starts; [ -e /shared/ready ]', { volumeMounts })],
    });
    const seen = await pods.ended(pod);
    expect([seen.status?.phase, await pods.log(seen, 'main'), await pods.log(seen, 'helper')]).toEqual(['Succeeded', 'up\nup\n', 'told\n']);
    expect(seen.status?.initContainerStatuses).toMatchObject([
      // The first process of a container is not ended by TERM unless it listens to it.
      { name: 'deaf', restartCount: 0, state: { terminated: { exitCode: 137, reason: 'Error' } } },
      { name: 'helper', restartCount: 1, lastState: { terminated: { exitCode: 4 } }, state: { terminated: { exitCode: 0 } } },
    ]);
  });

  it('ends a pod whose deadline has passed, and says so when its containers are gone', async () => {
    const pod = await pods.create({
      activeDeadlineSeconds: 3600,
      terminationGracePeriodSeconds: 5,
      containers: [sh('main', 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.1; done')],
    });
    await pods.until(pod, (seen) => states(seen)['main']?.running !== undefined);
    const { namespace, store } = cluster;
    const key = { kind: 'Pod', namespace, name: pod.metadata.name };
    await store.patch(key, { spec: { activeDeadlineSeconds: 1 } });
    const seen = await pods.ended(pod);
    expect(seen.status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
      containerStatuses: [{ state: { terminated: { exitCode: 5, reason: 'Error' } } }],
    });
    expect(await pods.log(seen, 'main')).toBe('up\nbye\n');
    await expect(store.patch(key, { spec: { activeDeadlineSeconds: 2 } })).rejects.toMatchObject({ code: 'Invalid' });
    await expect(store.patch(key, { spec: { hostname: 'other' } })).rejects.toMatchObject({ code: 'Invalid' });
  });

  it('deletes a pod when its containers have had their time', async () => {
    const pod = await pods.create({
      containers: [sh('main', 'trap "exit 6" TERM; echo up; while :; do sleep 0.1; done'), sh('deaf', 'sleep 300')],
    });
    await pods.until(pod, (seen) => seen.status?.phase === 'Running');
    const following = pods.log(pod, 'main', true);
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod.metadata.name}`;
    const stale = await cluster.client
      .request({ method: 'DELETE', path, body: { preconditions: { uid: 'other' } } })
      .catch((error) => error);
    expect(stale instanceof KubeError && stale.code).toBe(409);
    await cluster.client.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 3 } });
    const last = await pods.until(pod, (_, isGone) => isGone);
    expect(last.metadata).toMatchObject({ deletionTimestamp: expect.any(String) });
    expect([last.status?.phase, states(last)]).toMatchObject([
      'Failed',
      { main: { terminated: { exitCode: 6 } }, deaf: { terminated: { exitCode: 137 } } },
    ]);
    expect(await following).toBe('up\n');
  });

  it('leaves a pod unscheduled that no node is for, and deletes it at once', async () => {
    const pod = await pods.create({ nodeSelector: { nowhere: 'x' }, containers: [sh('main', 'true')] });
    const seen = await pods.until(pod, ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
    expect(seen.status).toMatchObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] });
    const { namespace, store } = cluster;
    await store.delete({ kind: 'Pod', namespace, name: pod.metadata.name });
    expect(await store.get({ kind: 'Pod', namespace, name: pod.metadata.name })).toBeUndefined();
  });
});
