import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import type { SecurityContext } from '../../src/resources/core/pod-fields.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime, type SandboxRuntimeOptions } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { materials, pod, readLog, runToEnd, type TestStep } from './runtime-support.ts';

const probe = await probeBubblewrap();
const isRoot = process.getuid?.() === 0;

const open = async (isolation: SandboxRuntimeOptions['isolation'], user?: string): Promise<Runtime> => {
  const runtime = await createSandboxRuntime({
    dataDir: temporaryDirectory(),
    imageMap: [{ pattern: 'busybox', serves: 'host', ...(user !== undefined && { user }) }],
    isolation,
    clock: systemClock,
    logger: silentLogger,
  });
  onTestFinished(async () => {
    for (const uid of await runtime.list()) await runtime.stop(uid, { graceMs: 0 });
    await runtime.close();
  });
  return runtime;
};

describe.skipIf(!probe.ok)(`what a pod asks of its sandbox${probe.ok ? '' : ` (skipped: ${probe.message})`}`, () => {
  let runtime: Runtime;
  const print = async (step: Partial<TestStep>, podTemplate?: PodPlan['podTemplate']): Promise<string> => {
    const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', ...step }], podTemplate }));
    const log = await readLog(runtime, 'a-0', 'step-one');
    expect(`${seen.phase} ${log}`).toBe(`Succeeded ${log}`);
    return log;
  };
  /** What keeps a step of that image's user from starting, without the container it names. */
  const refusal = async (user: string | undefined, own: SecurityContext, ofPod: SecurityContext = {}): Promise<string | undefined> => {
    const on = await open('bubblewrap', user);
    const steps = [
      { name: 'one', sh: 'true' },
      { name: 'two', sh: 'true', securityContext: own },
    ];
    await on.start(pod({ uid: 'a-0', steps, podTemplate: { securityContext: ofPod } }), materials());
    const state = (await on.observe('a-0'))?.steps[1]?.state;
    return state?.type === 'waiting' ? state.message?.replace(' (pod: "a-0-pod_ci(a-0)", container: step-two)', '') : undefined;
  };

  beforeEach(async () => {
    runtime = await open('bubblewrap');
  });

  it("user and group: the container's before the pod's, one by one", async () => {
    const ofPod = { securityContext: { runAsUser: 1234, runAsGroup: 99 } };
    expect(await print({ sh: 'id -u; id -g', securityContext: { runAsUser: 4321 } }, ofPod)).toBe('4321\n99\n');
  });

  it('its volumes belong to the user of each step, so fsGroup has nothing to do', async () => {
    const mounts = [{ volume: 'v', mountPath: '/given', readOnly: false }];
    const as = (name: string, runAsUser: number): TestStep => ({
      name,
      mounts,
      sh: 'umask 077; date >> /given/x; stat -c "%u" /given/x',
      securityContext: { runAsUser },
    });
    const plan = pod({
      uid: 'a-0',
      volumes: [{ name: 'v', type: 'emptyDir' }],
      steps: [as('one', 1000), as('two', 2000)],
      podTemplate: { securityContext: { fsGroup: 3000 } },
    });
    expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
    expect([await readLog(runtime, 'a-0', 'step-one'), await readLog(runtime, 'a-0', 'step-two')]).toEqual(['1000\n', '2000\n']);
  });

  it.each<[string, string | undefined, SecurityContext, SecurityContext, string | undefined]>([
    ['an image of root', undefined, { runAsNonRoot: true }, {}, 'container has runAsNonRoot and image will run as root'],
    ['it also for the pod', '0:7', {}, { runAsNonRoot: true }, 'container has runAsNonRoot and image will run as root'],
    [
      'a name',
      'app',
      { runAsNonRoot: true },
      {},
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root',
    ],
    ['user 0', '7', { runAsUser: 0 }, { runAsNonRoot: true }, "container's runAsUser breaks non-root policy"],
    ['nothing with another user', undefined, { runAsNonRoot: true }, { runAsUser: 7 }, undefined],
    ['nothing of an image with one', '7:8', { runAsNonRoot: true }, {}, undefined],
    ['nothing the container overrules', undefined, { runAsNonRoot: false }, { runAsNonRoot: true }, undefined],
  ])('runAsNonRoot refuses %s, before any step runs', async (_, user, own, ofPod, message) => {
    expect(await refusal(user, own, ofPod)).toBe(message);
  });

  it('readOnlyRootFilesystem: nothing is written but to mounts, credentials included', async () => {
    const sh = `
      for place in / /tmp /run /var/tmp /root "$HOME" "$HOME/.ssh"; do (: > $place/x) 2> /dev/null && echo "wrote to $place"; done
      : > /workspace/x; : > /tekton/home/x; : > /tekton/results/r; cat $HOME/.ssh/id`;
    const steps = [{ name: 'one', sh, securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 } }];
    const given = { ...materials(), credentials: new Map([['.ssh/id', 'key']]) };
    const { phase } = await runToEnd(runtime, pod({ uid: 'a-0', steps, results: ['r'] }), given);
    expect([phase, await readLog(runtime, 'a-0', 'step-one')]).toEqual(['Succeeded', 'key']);
  });

  it('readOnlyRootFilesystem: also of a sidecar that is asked by commands', async () => {
    const asks = { check: { type: 'exec', command: ['sh', '-c', '! (: > /tmp/x) 2> /dev/null'] } as const };
    const probe = { ...asks, initialDelayMs: 0, periodMs: 1000, timeoutMs: 5000, successThreshold: 1, failureThreshold: 1 };
    const side = { name: 'side', sh: '(: > /run/x) 2> /dev/null || echo closed; sleep 300', readinessProbe: probe };
    const sidecars = [{ ...side, securityContext: { readOnlyRootFilesystem: true } }];
    expect((await runToEnd(runtime, pod({ uid: 'a-0', sidecars, steps: [{ name: 'one', sh: 'true' }] }))).phase).toBe('Succeeded');
    expect(await readLog(runtime, 'a-0', 'sidecar-side')).toBe('closed\n');
  });

  it('privileges: none, however they are asked for', async () => {
    const securityContext = { privileged: true, allowPrivilegeEscalation: true, capabilities: { add: ['SYS_ADMIN'] } };
    const sh = `
      grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status | cut -f2 | sort -u
      (true >> /proc/sys/vm/swappiness) 2> /dev/null && echo opened || true
      mount -t tmpfs none /mnt 2> /dev/null && echo mounted || true`;
    expect(await print({ sh, securityContext })).toBe('0000000000000000\n1\n');
  });

  it('hostAliases and dnsConfig: files of its own', async () => {
    const podTemplate = {
      hostAliases: [{ ip: '10.1.2.3', hostnames: ['db.test'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.9.9.9'] },
    };
    expect(await print({ sh: 'getent hosts db.test | tr -s " "; cat /etc/resolv.conf' }, podTemplate)).toBe(
      '10.1.2.3 db.test\nnameserver 10.9.9.9\n',
    );
  });
});

it('nodeSelector: another kind of machine is refused, labels of a cluster are not', async () => {
  const runtime = await open('process');
  const select = async (uid: string, nodeSelector: Record<string, string>): Promise<unknown> => {
    await runtime.start(pod({ uid, steps: [{ name: 'one', sh: 'true' }], podTemplate: { nodeSelector } }), materials());
    const state = (await runtime.observe(uid))?.steps[0]?.state;
    return state?.type === 'waiting' ? (state.message ?? state.reason) : state?.type;
  };
  expect(await select('a-0', { 'kubernetes.io/os': 'plan9' })).toMatch(
    /^0\/1 nodes are available: .*kubernetes.io\/os is "\w+" here, .* wants "plan9"$/,
  );
  expect(await select('b-0', { disk: 'ssd', 'kubernetes.io/os': process.platform })).not.toContain('0/1 nodes');
});

describe('what plain processes cannot do for a pod', () => {
  it('is said in the log of the container', async () => {
    const runtime = await open('process');
    const securityContext = { runAsUser: 1234, readOnlyRootFilesystem: true };
    const podTemplate = { hostAliases: [{ ip: '10.1.2.3', hostnames: ['db'] }] };
    await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true', securityContext }], podTemplate }));
    expect(await readLog(runtime, 'a-0', 'step-one')).toBe(
      'tappet: no effect on plain processes: runAsUser, readOnlyRootFilesystem, hostAliases\n',
    );
  });

  it.runIf(isRoot)('runAsNonRoot, where the server is root: the step is not started', async () => {
    const runtime = await open('process');
    const securityContext = { runAsNonRoot: true, runAsUser: 1234 };
    await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true', securityContext }] }), materials());
    expect((await runtime.observe('a-0'))?.steps[0]?.state).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining('plain processes run as the user of the server, which is root'),
    });
  });
});
