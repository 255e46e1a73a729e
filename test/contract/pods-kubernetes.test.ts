import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/kube-client.ts';
import { type ClusterUnderTest, clusterName, clusterUnavailable, clusterUnderTest } from '../support/kubelet/cluster-under-test.ts';
import type { ContainerState, Pod } from '../support/kubelet/pod.ts';

const skipped = clusterUnavailable === undefined ? '' : ` (skipped: ${clusterUnavailable})`;

/** What our runtime relies on a kubelet to do. The same on a real one and on the stand-in, which holds it to the truth. */
describe.skipIf(clusterUnavailable !== undefined)(`pods on ${clusterName}${skipped}`, () => {
  let cluster: ClusterUnderTest;
  let count = 0;
  beforeAll(async () => {
    cluster = await clusterUnderTest();
  });
  afterAll(async () => {
    await cluster?.close();
  });

  const sh = (name: string, script: string, more: object = {}): object => ({
    name,
    image: 'busybox',
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    ...more,
  });

  async function create(spec: object, metadata: object = {}): Promise<Pod> {
    const { namespace } = cluster;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${count++}`, namespace, ...metadata },
      spec: { restartPolicy: 'Never', ...spec },
    };
    return (await cluster.store.create(pod)) as unknown as Pod;
  }

  async function until({ metadata: { name, resourceVersion } }: Pod, fits: (pod: Pod, isGone: boolean) => boolean): Promise<Pod> {
    const { store, namespace } = cluster;
    for await (const { type, object } of store.watch('Pod', { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion })) {
      const pod = object as unknown as Pod;
      if (fits(pod, type === 'DELETED')) return pod;
    }
    throw new Error('the watch ended');
  }

  const ended = (pod: Pod): Promise<Pod> => until(pod, ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
  const states = ({ status }: Pod): Record<string, ContainerState> =>
    Object.fromEntries(
      [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(({ name, state }) => [name, state]),
    );
  const conditions = ({ status }: Pod): string[] =>
    (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, is, ...(reason ? [reason] : [])].join(' ')).toSorted();

  async function log({ metadata: { name } }: Pod, container: string, follow = false): Promise<string> {
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/${name}/log`;
    const chunks: Uint8Array[] = [];
    for await (const chunk of cluster.client.stream({ path, query: { container, ...(follow && { follow: 'true' }) }, accept: '*/*' }))
      chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  it('runs init containers one after the other, then the others beside each other, and says how each ended', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const pod = await ended(
      await create({
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
    const pod = await ended(await create({ initContainers: [sh('bad', 'exit 2')], containers: [sh('main', 'true')] }));
    expect([pod.status?.phase, states(pod)]).toMatchObject([
      'Failed',
      { bad: { terminated: { exitCode: 2 } }, main: { waiting: { reason: 'PodInitializing' } } },
    ]);
    expect(conditions(pod)).toContain('Initialized False ContainersNotInitialized');
  });

  it('says that a command is not there, and runs the other container', async () => {
    const pod = await ended(await create({ containers: [sh('typo', '', { command: ['no-such-command'] }), sh('fine', 'true')] }));
    const message = expect.stringMatching(/^failed to create containerd task: .*no-such-command/s);
    expect(states(pod)).toMatchObject({
      typo: { terminated: { exitCode: 128, reason: 'StartError', message, startedAt: '1970-01-01T00:00:00Z' } },
      fine: { terminated: { exitCode: 0 } },
    });
  });

  it('keeps a container waiting whose image is not to be had, and runs the others', async () => {
    const pod = await create({
      containers: [sh('odd', '', { image: 'registry.example/odd:1' }), sh('wrong', '', { image: 'UPPER:case:bad' }), sh('fine', 'true')],
    });
    const backs = await until(
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
    const refused = await log(pod, 'odd').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 400, message: expect.stringMatching(/^container "odd" in pod "pod-\d+" is waiting to start: /) });
  });

  it('waits for a Secret that its variables come from, and for a ConfigMap that is a volume', async () => {
    const { namespace, store } = cluster;
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'late', key: 'token' } } }];
    const asks = await create({ containers: [sh('main', 'echo "$TOKEN"', { env })] });
    const waiting = await until(asks, (seen) => states(seen)['main']?.waiting?.reason === 'CreateContainerConfigError');
    expect([waiting.status?.phase, states(waiting)['main']]).toMatchObject([
      'Pending',
      { waiting: { message: 'secret "late" not found' } },
    ]);
    const volumeMounts = [{ name: 'late', mountPath: '/late' }];
    const mounts = await create({
      volumes: [{ name: 'late', configMap: { name: 'late' } }],
      containers: [sh('main', 'cat /late/a', { volumeMounts })],
    });
    await until(mounts, (seen) => states(seen)['main']?.waiting?.reason === 'ContainerCreating');
    await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace }, data: { token: 'czNjcmV0' } });
    await store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace }, data: { a: 'text' } });
    expect([await log(await ended(asks), 'main'), await log(await ended(mounts), 'main')]).toEqual(['s3cret\n', 'text']);
  });

  it('starts a sidecar first, again when it ends, and ends it behind the others with TERM', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const sidecar = `echo up >> /shared/starts; [ "$(wc -l < /shared/starts)" -gt 1 ] || exit 4
      trap 'echo told; exit 0' TERM; touch /shared/ready; while :; do sleep 0.1; done`;
    const startupProbe = { exec: { command: ['sh', '-c', '[ -e /shared/ready ]'] }, periodSeconds: 1, failureThreshold: 100 };
    const deaf = sh('deaf', 'sleep 300', { restartPolicy: 'Always' });
    const pod = await create({
      terminationGracePeriodSeconds: 3,
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [sh('helper', sidecar, { restartPolicy: 'Always', startupProbe, volumeMounts }), deaf],
      containers: [sh('main', 'cat /shared/starts; [ -e /shared/ready ]', { volumeMounts })],
    });
    const seen = await ended(pod);
    expect([seen.status?.phase, await log(seen, 'main'), await log(seen, 'helper')]).toEqual(['Succeeded', 'up\nup\n', 'told\n']);
    expect(seen.status?.initContainerStatuses).toMatchObject([
      { name: 'helper', restartCount: 1, lastState: { terminated: { exitCode: 4 } }, state: { terminated: { exitCode: 0 } } },
      // The first process of a container is not ended by TERM unless it listens to it.
      { name: 'deaf', restartCount: 0, state: { terminated: { exitCode: 137, reason: 'Error' } } },
    ]);
  });

  it('ends a pod whose deadline has passed, and says so when its containers are gone', async () => {
    const pod = await create({
      activeDeadlineSeconds: 3600,
      terminationGracePeriodSeconds: 5,
      containers: [sh('main', 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.1; done')],
    });
    await until(pod, (seen) => states(seen)['main']?.running !== undefined);
    const { namespace, store } = cluster;
    const key = { kind: 'Pod', namespace, name: pod.metadata.name };
    await store.patch(key, { spec: { activeDeadlineSeconds: 1 } });
    const seen = await ended(pod);
    expect(seen.status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
      containerStatuses: [{ state: { terminated: { exitCode: 5, reason: 'Error' } } }],
    });
    expect(await log(seen, 'main')).toBe('up\nbye\n');
    await expect(store.patch(key, { spec: { activeDeadlineSeconds: 2 } })).rejects.toMatchObject({ code: 'Invalid' });
    await expect(store.patch(key, { spec: { hostname: 'other' } })).rejects.toMatchObject({ code: 'Invalid' });
  });

  it('deletes a pod when its containers have had their time', async () => {
    const pod = await create({
      containers: [sh('main', 'trap "exit 6" TERM; echo up; while :; do sleep 0.1; done'), sh('deaf', 'sleep 300')],
    });
    await until(pod, (seen) => seen.status?.phase === 'Running');
    const following = log(pod, 'main', true);
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod.metadata.name}`;
    const stale = await cluster.client
      .request({ method: 'DELETE', path, body: { preconditions: { uid: 'other' } } })
      .catch((error) => error);
    expect(stale instanceof KubeError && stale.code).toBe(409);
    await cluster.client.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 3 } });
    const last = await until(pod, (_, isGone) => isGone);
    expect(last.metadata).toMatchObject({ deletionTimestamp: expect.any(String) });
    expect([last.status?.phase, states(last)]).toMatchObject([
      'Failed',
      { main: { terminated: { exitCode: 6 } }, deaf: { terminated: { exitCode: 137 } } },
    ]);
    expect(await following).toBe('up\n');
  });

  it('gives a container its variables, files, user and root as asked', async () => {
    const { namespace, store } = cluster;
    await store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'given', namespace }, data: { a: '1', b: '2' } });
    const volumes = [
      { name: 'scratch', emptyDir: { medium: 'Memory' } },
      { name: 'disk', emptyDir: {} },
      { name: 'map', configMap: { name: 'given', items: [{ key: 'b', path: 'deep/b', mode: 0o400 }] } },
      {
        name: 'down',
        downwardAPI: { items: [{ path: 'note', fieldRef: { fieldPath: "metadata.annotations['note']" } }], defaultMode: 0o555 },
      },
    ];
    const container = sh('main', '', {
      workingDir: '/work/here',
      env: [
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'BOTH', value: '$(NAME)-$(X_a)-$$(NAME)-$(none)' },
      ],
      envFrom: [{ prefix: 'X_', configMapRef: { name: 'given' } }],
      securityContext: { runAsUser: 4711, readOnlyRootFilesystem: true },
      volumeMounts: [
        { name: 'map', mountPath: '/map' },
        { name: 'down', mountPath: '/down' },
        { name: 'disk', mountPath: '/disk' },
        { name: 'scratch', mountPath: '/scratch', readOnly: true },
        { name: 'scratch', mountPath: '/scratch/own', subPath: 'own' },
      ],
      command: [
        'sh',
        '-c',
        `pwd; echo "$BOTH" "$0" "$X_b"; id -u; id -g; cat /down/note; ls /map/..data/deep; readlink /map/deep
         for file in /map/deep/b; do cat $file 2>/dev/null || echo closed; done
         for file in /root/x /scratch/x /scratch/own/x /down/x; do (: > $file) 2>/dev/null && echo "$file written"; done
         stat -c %a /scratch /scratch/own /disk; exit 0`,
        '$(NAME) $$(NAME)',
      ],
    });
    const pod = await ended(await create({ volumes, containers: [container] }, { name: 'given', annotations: { note: 'text\n' } }));
    expect((await log(pod, 'main')).split('\n')).toEqual([
      '/work/here',
      'given-1-$(NAME)-$(none) given $(NAME) 2',
      '4711',
      '0',
      'text',
      'b',
      '..data/deep',
      'closed',
      '/scratch/own/x written',
      '1777',
      '1777',
      '777',
      '',
    ]);
  });

  it('keeps as much of last words as Kubernetes does, and takes a log for them where asked to', async () => {
    const long = "head -c 5000 /dev/zero | tr '\\0' a > /dev/termination-log; printf end >> /dev/termination-log";
    const pod = await ended(
      await create({
        containers: [
          sh('long', long),
          sh('quiet', 'echo only in the log; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
          ...['c', 'd', 'e', 'f'].map((name) => sh(name, 'true')),
        ],
      }),
    );
    const message = states(pod)['long']?.terminated?.message ?? '';
    expect([message.length, /^a+$/.test(message)]).toEqual([2048, true]);
    expect(states(pod)['quiet']?.terminated?.message).toBe('only in the log\n');
  });

  it('refuses a pod that has a field that there is not, and one that nothing can be', async () => {
    const refusals = [
      { containers: [sh('main', 'true', { volumeMounts: [{ name: 'absent', mountPath: '/x' }] })] },
      { containers: [sh('main', 'true'), sh('main', 'true')] },
      { containers: [] },
    ];
    for (const spec of refusals) await expect(create(spec)).rejects.toMatchObject({ code: 'Invalid' });
    await expect(create({ serviceAccountName: 'nobody', containers: [sh('main', 'true')] })).rejects.toMatchObject({ code: 'Forbidden' });
  });

  it('leaves a pod unscheduled that no node is for, and deletes it at once', async () => {
    const pod = await create({ nodeSelector: { nowhere: 'x' }, containers: [sh('main', 'true')] });
    const seen = await until(pod, ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
    expect(seen.status).toMatchObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] });
    const { namespace, store } = cluster;
    await store.delete({ kind: 'Pod', namespace, name: pod.metadata.name });
    expect(await store.get({ kind: 'Pod', namespace, name: pod.metadata.name })).toBeUndefined();
  });
});
