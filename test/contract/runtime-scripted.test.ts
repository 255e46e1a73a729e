import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import { createScriptedRuntime } from '../../src/runtimes/scripted/scripted-runtime.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { runtimeContract } from './runtime.contract.ts';
import { hasEnded, materials, outcomes, pod, runToEnd, until } from './runtime-support.ts';

runtimeContract('scripted', { open: async (options) => createScriptedRuntime({ clock: systemClock, ...options }) });

describe('scripted runtime', () => {
  it('takes its time from the clock it is given', async () => {
    const clock = new ManualClock(1_000);
    const runtime = createScriptedRuntime({ clock });
    await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'slow', does: { afterMs: 500 } }] }), materials());
    const running = await until(runtime, 'a-0', ({ phase }) => phase === 'Running');
    expect(running.steps[0]?.state).toEqual({ type: 'running', startedAt: 1_000 });
    clock.advance(500);
    const seen = await until(runtime, 'a-0', hasEnded);
    expect(seen.steps[0]?.state).toEqual({ type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: 1_000, finishedAt: 1_500 });
  });

  it('is scripted by a function, too', async () => {
    const runtime = createScriptedRuntime({
      clock: systemClock,
      script: (plan, { name }) => ({ exitCode: name === 'bad' && plan.uid === 'a-0' ? 3 : 0 }),
    });
    const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'good' }, { name: 'bad' }] }));
    expect(outcomes(seen)).toEqual(['good: 0, Completed', 'bad: 3, Error']);
  });

  it('plays a lack of memory and a vanished process', async () => {
    const runtime = createScriptedRuntime({ clock: systemClock });
    const hungry = await runToEnd(
      runtime,
      pod({ uid: 'a-0', steps: [{ name: 'eats', does: { outOfMemory: true }, onError: 'continue' }] }),
    );
    const vanished = await runToEnd(runtime, pod({ uid: 'b-0', steps: [{ name: 'gone', does: { lost: true }, onError: 'continue' }] }));
    expect([outcomes(hungry), outcomes(vanished), vanished.reason]).toEqual([['eats: 137, OOMKilled'], ['gone: 137, Error'], 'Lost']);
  });

  it('says what is wrong with a script', async () => {
    const runtime = createScriptedRuntime({ clock: systemClock });
    const plan = { ...pod({ uid: 'a-0', steps: [] }), annotations: { 'tappet.dev/script': '{"one": {"exit": 1}}' } };
    await expect(runtime.start(plan, materials())).rejects.toThrow(
      'annotation tappet.dev/script of pod a-0-pod: one: Unrecognized key: "exit"',
    );
  });

  it('ends thousands of pods in a breath', async () => {
    const runtime = createScriptedRuntime({ clock: systemClock });
    const uids = Array.from({ length: 2_000 }, (_, index) => `p${index}-0`);
    await Promise.all(uids.map((uid) => runtime.start(pod({ uid, steps: [{ name: 'one' }] }), materials())));
    const seen = await Promise.all(uids.map((uid) => runtime.observe(uid)));
    expect(seen.every((one) => one?.phase === 'Succeeded')).toBe(true);
  });
});
