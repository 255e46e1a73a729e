import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playScenario } from '../support/play-scenario.ts';
import { readScenario } from '../support/scenario.ts';
import { conditionsOf, scenarioSummary } from '../support/scenario-summary.ts';

const folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** A folder is a case; `README.md` says what is in it. */
describe('scenarios', () => {
  it.each(names.sort())('%s', async (name) => {
    const scenario = readScenario(join(folder, name));
    const { at = {}, plans, ...expected } = scenario.expected;
    const look = (made: Parameters<typeof conditionsOf>[0], second: number) => conditionsOf(made, Object.keys(at[second] ?? {}));
    const { world, looks } = await playScenario(scenario, Object.keys(at).map(Number), look);
    expect(looks).toEqual(at);
    expect(await scenarioSummary(world, expected)).toEqual(expected);
    if (plans !== undefined) expect(JSON.parse(JSON.stringify(Object.fromEntries(world.plans)))).toMatchObject(plans);
  });
});
