import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createScriptedRuntime } from '../runtimes/scripted/scripted-runtime.ts';
import { sharedRuntime } from './shared-runtime.ts';

describe('sharedRuntime', () => {
  it('is the runtime, private members and all, but that it lists nothing', async () => {
    const runtime = createScriptedRuntime({ clock: new ManualClock() });
    const shared = sharedRuntime(runtime);
    const end = shared.onChange(() => {});
    expect(await shared.observe('nobody')).toBeUndefined();
    expect(await shared.list()).toEqual([]);
    expect(shared.capabilities).toBe(runtime.capabilities);
    end();
    await shared.close();
  });
});
