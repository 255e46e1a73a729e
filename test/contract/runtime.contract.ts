import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/ports/runtime.ts';
import {
  execProbe,
  expectTimesInOrder,
  hasEnded,
  materials,
  outcomes,
  pod,
  readLog,
  runToEnd,
  taskResults,
  until,
} from './runtime-support.ts';

export interface RuntimeUnderTest {
  /** A new runtime that serves the image `busybox` and no other. */
  open(options?: { readonly maxPods?: number }): Promise<Runtime>;
  /** Pods are those of a real cluster: it has its own limits and its own patience, pulls images from where it likes, and keeps pods until they are removed. */
  readonly isCluster?: true;
  /** Present: the whole is skipped, for this reason. */
  readonly unavailable?: string | undefined;
}

const FOREVER = { sh: 'sleep 300', does: { neverEnds: true } } as const;

export function runtimeContract(name: string, subject: RuntimeUnderTest): void {
  const title = `runtime contract: ${name}${subject.unavailable === undefined ? '' : ` (skipped: ${subject.unavailable})`}`;
  describe.skipIf(subject.unavailable !== undefined)(title, () => {
    let runtime: Runtime;
    const opened: Runtime[] = [];
    const open = async (options?: { readonly maxPods?: number }): Promise<Runtime> => {
      const one = await subject.open(options);
      opened.push(one);
      return one;
    };

    beforeEach(async () => {
      runtime = await open();
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) {
        for (const uid of await one.list()) {
          await one.stop(uid, { graceMs: 0 });
          if (subject.isCluster) await one.remove(uid);
        }
        await one.close();
      }
    });

    it('runs the steps in order and reports what they leave', async () => {
      const plan = pod({
        uid: 'a-0',
        results: ['greeting', 'absent'],
        steps: [
          {
            name: 'one',
            sh: 'printf hello > /tekton/results/greeting; printf 1 > /workspace/order',
            does: { results: { greeting: 'hello' } },
          },
          {
            name: 'two',
            sh: 'printf "%s2\\n" "$(cat /workspace/order)" > /tekton/results/greeting; printf own > /tekton/steps/step-two/results/mine',
            results: ['mine'],
            does: { results: { greeting: '12\n' }, stepResults: { mine: 'own' } },
          },
        ],
      });
      const seen = await runToEnd(runtime, plan);
      expect(seen).toEqual({
        uid: 'a-0',
        phase: 'Succeeded',
        startedAt: expect.any(Number),
        finishedAt: expect.any(Number),
        steps: ['one', 'two'].map((stepName) => ({
          name: stepName,
          container: `step-${stepName}`,
          imageId: subject.isCluster ? expect.stringMatching(/sha256:/) : 'busybox',
          state: { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: expect.any(Number), finishedAt: expect.any(Number) },
          terminationReason: 'Completed',
          results: stepName === 'two' ? { mine: 'own' } : {},
          taskResults: { greeting: stepName === 'two' ? '12\n' : 'hello' },
        })),
        sidecars: [],
        ranBy: seen.ranBy,
      });
      expect(seen.ranBy).toMatch(subject.isCluster ? /./ : /^(bubblewrap|process|scripted)$/);
      expectTimesInOrder(seen);
    });

    it('skips what follows a failed step, and still reports the results it left', async () => {
      const plan = pod({
        uid: 'a-0',
        results: ['r'],
        steps: [
          { name: 'bad', sh: 'printf left > /tekton/results/r; exit 7', does: { exitCode: 7, results: { r: 'left' } } },
          { name: 'never', sh: 'printf no > /tekton/results/r', does: { results: { r: 'no' } } },
        ],
      });
      const seen = await runToEnd(runtime, plan);
      expect([seen.phase, outcomes(seen), taskResults(seen)]).toEqual(['Failed', ['bad: 7, Error', 'never: 1, Skipped'], { r: 'left' }]);
    });

    it('goes on behind a failed step under onError: continue', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'bad', sh: 'exit 7', onError: 'continue', does: { exitCode: 7 } },
          { name: 'next', sh: 'true' },
        ],
      });
      const seen = await runToEnd(runtime, plan);
      expect([seen.phase, outcomes(seen)]).toEqual(['Succeeded', ['bad: 7, Continued', 'next: 0, Completed']]);
    });

    it('hands results of a step to later ones, and skips by them', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'make', sh: 'printf yes > /tekton/steps/step-make/results/r', results: ['r'], does: { stepResults: { r: 'yes' } } },
          {
            name: 'when-yes',
            sh: 'echo "got $1"',
            args: ['$(steps.make.results.r)'],
            when: [{ input: '$(steps.make.results.r)', operator: 'in', values: ['yes'] }],
            does: { output: 'got yes\n' },
          },
          {
            name: 'when-no',
            sh: 'echo ran',
            when: [{ input: '$(steps.make.results.r)', operator: 'notin', values: ['yes'] }],
            does: { output: 'ran\n' },
          },
        ],
      });
      const seen = await runToEnd(runtime, plan);
      expect(outcomes(seen)).toEqual(['make: 0, Completed', 'when-yes: 0, Completed', 'when-no: 0, Skipped']);
      expect([await readLog(runtime, 'a-0', 'step-when-yes'), await readLog(runtime, 'a-0', 'step-when-no')]).toEqual(['got yes\n', '']);
    });

    it('kills a step whose timeout elapses, whatever onError says', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'slow', ...FOREVER, timeoutMs: 100, onError: 'continue' },
          { name: 'next', sh: 'true' },
        ],
      });
      const seen = await runToEnd(runtime, plan);
      expect([seen.phase, outcomes(seen)]).toEqual(['Failed', ['slow: 1, TimeoutExceeded', 'next: 1, Skipped']]);
    });

    it('tells a command that is not there from a failed one', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [{ name: 'typo', command: ['no-such-command'], onError: 'continue', does: { notRunnable: 'no such command' } }],
      });
      const seen = await runToEnd(runtime, plan);
      expect([seen.phase, outcomes(seen)]).toEqual(['Failed', ['typo: 1, Error']]);
      expect(seen.steps[0]?.state).toMatchObject({ message: expect.stringMatching(/./) });
    });

    it('starts a uid once, however often it is told to', async () => {
      const plan = pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'echo once', does: { output: 'once\n' } }] });
      await Promise.all([runtime.start(plan, materials()), runtime.start(plan, materials())]);
      const first = await until(runtime, 'a-0', hasEnded);
      await runtime.start(plan, materials());
      expect(await runtime.observe('a-0')).toEqual(first);
      expect(await readLog(runtime, 'a-0', 'step-one')).toBe('once\n');
    });

    it('knows nothing of strangers', async () => {
      expect(await runtime.observe('nobody-0')).toBeUndefined();
      expect(await runtime.list()).toEqual([]);
      expect(await readLog(runtime, 'nobody-0', 'step-x', true)).toBe('');
      await runtime.stop('nobody-0', { graceMs: 0 });
      await runtime.remove('nobody-0');
    });

    it('stops what runs and cancels what has not run', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'done', sh: 'true' },
          { name: 'long', ...FOREVER },
          { name: 'later', sh: 'true' },
        ],
      });
      await runtime.start(plan, materials());
      await until(runtime, 'a-0', (seen) => seen.steps[1]?.state.type === 'running');
      await Promise.all([runtime.stop('a-0', { graceMs: 5_000 }), runtime.stop('a-0', { graceMs: 5_000 })]);
      const seen = await runtime.observe('a-0');
      expect(seen && [seen.phase, seen.reason, outcomes(seen)]).toEqual([
        'Failed',
        'Cancelled',
        ['done: 0, Completed', 'long: 9, Cancelled', 'later: 9, Cancelled'],
      ]);
      await runtime.stop('a-0', { graceMs: 0 });
      expect(await runtime.observe('a-0')).toEqual(seen);
    });

    it('leaves a pod that had ended as it was when told to stop it', async () => {
      const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true' }] }));
      await runtime.stop('a-0', { graceMs: 0 });
      expect(await runtime.observe('a-0')).toEqual(seen);
    });

    it('forgets what is removed, and nothing before it has ended', async () => {
      await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'echo out', does: { output: 'out\n' } }] }));
      await runtime.start(pod({ uid: 'b-0', steps: [{ name: 'long', ...FOREVER }] }), materials());
      expect((await runtime.list()).toSorted()).toEqual(['a-0', 'b-0']);
      await expect(runtime.remove('b-0')).rejects.toThrow('pod b-0 has not ended; stop it before removing it');
      await runtime.remove('a-0');
      await runtime.remove('a-0');
      expect([await runtime.list(), await runtime.observe('a-0'), await readLog(runtime, 'a-0', 'step-one')]).toEqual([
        ['b-0'],
        undefined,
        '',
      ]);
    });

    it.skipIf(subject.isCluster)('runs no more pods at once than it may, first come first served', async () => {
      const narrow = await open({ maxPods: 1 });
      for (const uid of ['a-0', 'b-0', 'c-0']) await narrow.start(pod({ uid, steps: [{ name: 'long', ...FOREVER }] }), materials());
      await until(narrow, 'a-0', (seen) => seen.steps[0]?.state.type === 'running');
      const waiting = {
        phase: 'Pending',
        reason: 'WaitingForSlot',
        message: '1 pods run, which is the limit (maxPods); this one waits for its turn',
        steps: [{ state: { type: 'waiting', reason: 'WaitingForSlot' } }],
      };
      expect([await narrow.observe('b-0'), await narrow.observe('c-0')]).toMatchObject([waiting, waiting]);
      await narrow.stop('a-0', { graceMs: 0 });
      await until(narrow, 'b-0', (seen) => seen.steps[0]?.state.type === 'running');
      expect(await narrow.observe('c-0')).toMatchObject(waiting);
      await narrow.stop('c-0', { graceMs: 0 });
      expect(await narrow.observe('c-0')).toMatchObject({ phase: 'Failed', steps: [{ terminationReason: 'Cancelled' }] });
      await narrow.stop('b-0', { graceMs: 0 });
    });

    it('lets a container wait whose image nothing serves, and starts none of the others', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'fine', sh: 'true' },
          { name: 'odd', sh: 'true', image: 'registry.example/odd:1', does: { waiting: { reason: 'ImagePullBackOff' } } },
        ],
      });
      await runtime.start(plan, materials());
      const seen = await until(
        runtime,
        'a-0',
        ({ steps: [, odd] }) => odd?.state.type === 'waiting' && odd.state.reason === 'ImagePullBackOff',
      );
      expect(seen).toMatchObject({
        phase: subject.isCluster ? expect.any(String) : 'Pending',
        // A cluster starts those whose images are there.
        steps: [
          subject.isCluster ? {} : { state: { type: 'waiting', reason: 'PodInitializing' } },
          { state: { type: 'waiting', reason: 'ImagePullBackOff' } },
        ],
      });
      await runtime.stop('a-0', { graceMs: 0 });
      const stopped = await runtime.observe('a-0');
      expect(stopped && outcomes(stopped)).toEqual([subject.isCluster ? expect.any(String) : 'fine: 9, Cancelled', 'odd: 9, Cancelled']);
    });

    it('follows a log to its end', async () => {
      const plan = pod({
        uid: 'a-0',
        steps: [
          { name: 'first', sh: 'true' },
          {
            name: 'talks',
            sh: 'echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three',
            does: { output: 'one\ntwo\nthree\n', afterMs: 20 },
          },
        ],
      });
      await runtime.start(plan, materials());
      expect(await readLog(runtime, 'a-0', 'step-talks', true)).toBe('one\ntwo\nthree\n');
      await until(runtime, 'a-0', hasEnded);
      expect(await readLog(runtime, 'a-0', 'step-talks')).toBe('one\ntwo\nthree\n');
    });

    it('ends a followed log when asked to', async () => {
      await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'long', ...FOREVER }] }), materials());
      await until(runtime, 'a-0', (seen) => seen.phase === 'Running');
      const ending = new AbortController();
      const lines = runtime.logs('a-0', 'step-long', { follow: true, signal: ending.signal })[Symbol.asyncIterator]();
      const next = lines.next();
      ending.abort();
      expect(await next).toEqual({ value: undefined, done: true });
    });

    it('runs sidecars for as long as steps run', async () => {
      if (!runtime.capabilities.sidecars) return;
      const plan = pod({
        uid: 'a-0',
        steps: [{ name: 'one', sh: 'until [ -e /workspace/up ]; do sleep 0.02; done', does: { afterMs: 10 } }],
        sidecars: [{ name: 'db', sh: 'touch /workspace/up; sleep 300' }],
      });
      await runtime.start(plan, materials());
      await until(runtime, 'a-0', (seen) => seen.sidecars[0]?.state.type === 'running');
      const seen = await until(runtime, 'a-0', hasEnded);
      expect([seen.phase, seen.sidecars]).toMatchObject([
        'Succeeded',
        [{ name: 'db', state: { type: 'terminated', exitCode: 0, reason: 'Completed' } }],
      ]);
    });

    it('holds the first step back until every sidecar with a probe is ready, and says so', async () => {
      const probe = execProbe('[ -e /workspace/up ]');
      const plan = pod({
        uid: 'a-0',
        steps: [{ name: 'one', sh: 'cat /workspace/up; sleep 0.3', does: { afterMs: 300 } }],
        sidecars: [
          { name: 'plain', sh: 'sleep 300' },
          { name: 'db', sh: 'sleep 0.6; touch /workspace/up; sleep 300', readinessProbe: probe, does: { readyAfterMs: 600 } },
        ],
      });
      await runtime.start(plan, materials());
      const waiting = await until(runtime, 'a-0', ({ reason }) => reason === 'WaitingForSidecars');
      expect(waiting).toMatchObject({
        phase: 'Running',
        message: expect.stringMatching(/^the first step waits for sidecar "db"/),
        steps: [{ state: { type: 'waiting', reason: 'WaitingForSidecars' } }],
        sidecars: [{ name: 'plain' }, { name: 'db', state: { type: 'running' }, ready: false }],
      });
      const ready = await until(runtime, 'a-0', ({ sidecars }) => sidecars[1]?.ready === true);
      expect([ready.reason, ready.message]).toEqual([undefined, undefined]);
      const seen = await until(runtime, 'a-0', hasEnded);
      expect([seen.phase, outcomes(seen)]).toEqual(['Succeeded', ['one: 0, Completed']]);
    });

    it('can be stopped while a sidecar that never is ready keeps the steps waiting', async () => {
      const sidecar = { name: 'db', sh: 'sleep 300', readinessProbe: execProbe('false'), does: { neverReady: true } };
      await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true' }], sidecars: [sidecar] }), materials());
      await until(runtime, 'a-0', ({ reason }) => reason === 'WaitingForSidecars');
      await runtime.stop('a-0', { graceMs: 0 });
      const seen = await runtime.observe('a-0');
      expect([seen?.phase, seen?.reason, seen && outcomes(seen)]).toEqual(['Failed', 'Cancelled', ['one: 9, Cancelled']]);
    });

    // A cluster starts such a sidecar again.
    it.skipIf(subject.isCluster)(
      'waits no longer for a sidecar that has ended before it was ready, nor where readiness is not to be waited for',
      async () => {
        const ends = { name: 'db', sh: 'sleep 0.2; exit 3', readinessProbe: execProbe('false') };
        const plan = pod({
          uid: 'a-0',
          steps: [{ name: 'one', sh: 'true' }],
          sidecars: [{ ...ends, does: { exitCode: 3, afterMs: 200, neverReady: true } }],
        });
        const seen = await runToEnd(runtime, plan);
        expect([seen.phase, seen.sidecars]).toMatchObject(['Succeeded', [{ ready: false, state: { exitCode: 3, reason: 'Error' } }]]);
        const never = { name: 'db', sh: 'sleep 300', readinessProbe: execProbe('false'), does: { neverReady: true } };
        const hasty = pod({ uid: 'b-0', ignoresReadiness: true, steps: [{ name: 'one', sh: 'true' }], sidecars: [never] });
        expect((await runToEnd(runtime, hasty)).phase).toBe('Succeeded');
      },
    );

    it('is silent after close', async () => {
      // Nobody is left to remove it: it takes no other test's place.
      await runtime.start(pod({ uid: 'quick-0', steps: [{ name: 'quick', sh: 'sleep 0.05', does: { afterMs: 50 } }] }), materials());
      const heard: string[] = [];
      runtime.onChange((uid) => heard.push(uid));
      opened.splice(0);
      await runtime.close();
      heard.length = 0;
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(heard).toEqual([]);
      // A cluster keeps the pod: another runtime finds it, and removes it with the rest.
      if (subject.isCluster) await open();
    });
  });
}
