import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { EngineConfig } from '../../src/resources/engine-config.ts';
import { succeeded } from '../engine/world.ts';
import { playScenario } from '../support/play-scenario.ts';
import { type RecordedEvent, RecordedWorld } from '../support/recorded-world.ts';
import { Recorder } from '../support/recorder.ts';
import { readScenario, type Scenario } from '../support/scenario.ts';

/** The first line. */
interface About {
  readonly from: string;
  readonly config: Partial<EngineConfig>;
  /** By run. */
  readonly ended: Readonly<Record<string, string>>;
}

const folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const fixtures = join(folder, 'fixtures');
const scenarios = join(folder, '../scenarios');
const examples = join(folder, '../../examples');

/** Scenarios by their numbers: something of everything that a run can go through. */
const RECORDED_SCENARIOS = [
  2, 3, 7, 9, 20, 22, 25, 44, 47, 49, 51, 54, 57, 61, 62, 66, 72, 75, 76, 83, 85, 87, 92, 96, 104, 105, 107, 110, 113, 116, 120, 123, 125,
  128, 132, 136, 137, 140, 145, 147, 151, 153, 163, 169, 172, 176, 177, 184, 187, 188, 191,
];
const RECORDED_EXAMPLES = ['first-pipeline', 'workspaces'];

describe('a run that was recorded', () => {
  if (process.env['RECORD'] === '1') {
    it('is recorded anew', async () => {
      rmSync(fixtures, { recursive: true, force: true });
      mkdirSync(fixtures);
      for (const [name, from, scenario] of sources()) writeFileSync(join(fixtures, `${name}.jsonl`), await record(from, scenario));
    }, 120_000);
  }

  it.each(sources().map(([name]) => name))('is decided again as it was: %s', (name) => {
    const [first = '', ...lines] = readFileSync(join(fixtures, `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');
    const { config, ended } = JSON.parse(first) as About;
    const world = new RecordedWorld(config);
    for (const [index, line] of lines.entries()) {
      const event = JSON.parse(line) as RecordedEvent;
      expect({ line: index + 2, decided: world.take(event) }).toEqual({ line: index + 2, decided: event.decided ?? {} });
    }
    expect(endsOf(world, Object.keys(ended))).toEqual(ended);
  });

  it('is one of those that are listed', () => {
    expect(readdirSync(fixtures).sort()).toEqual(
      sources()
        .map(([name]) => `${name}.jsonl`)
        .sort(),
    );
  });
});

/** Name, where it is from, and what is played. */
function sources(): readonly (readonly [string, string, Scenario])[] {
  const folders = readdirSync(scenarios, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const played = folders.filter(({ name }) => RECORDED_SCENARIOS.includes(Number.parseInt(name, 10))).map(({ name }) => name);
  return [
    ...played.map((name) => [`scenario-${name}`, `scenarios/${name}`, readScenario(join(scenarios, name))] as const),
    ...RECORDED_EXAMPLES.map((name) => [`example-${name}`, `examples/${name}`, exampleOf(name)] as const),
  ];
}

/** An example whose steps all succeed, each leaving `done` in every result file. */
function exampleOf(name: string): Scenario {
  const objects = parseAllDocuments(readFileSync(join(examples, name, 'pipeline-run.yaml'), 'utf8')).map(
    (document) => document.toJS() as object,
  );
  const named = objects.map((object, index) => ({
    ...object,
    metadata: { ...('metadata' in object ? (object.metadata as object) : {}), name: `${name}-${index}` },
  }));
  return { objects: named, outcomes: { config: {}, unchecked: [], pods: {}, customRuns: {}, actions: [] }, expected: {} };
}

async function record(from: string, scenario: Scenario): Promise<string> {
  const config = scenario.outcomes.config as Partial<EngineConfig>;
  let recorder: Recorder | undefined;
  const { world } = await playScenario(scenario, [], async () => undefined, {
    wrap: (store, runtime, clock) => {
      if (recorder === undefined) {
        recorder = new Recorder(config, clock);
        recorder.follow(store);
      }
      return { store, runtime: recorder.overhear(runtime) };
    },
  });
  await recorder?.end();
  await world.close();
  const runs = [...(await world.list('tekton.dev/PipelineRun')), ...(await world.list('tekton.dev/TaskRun'))];
  const ended = Object.fromEntries(runs.map((run) => [`${run.kind}/${run.metadata.name}`, conditionOf(succeeded(run))]));
  const about: About = { from, config, ended };
  return [about, ...(recorder?.events ?? [])].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function endsOf(world: RecordedWorld, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, conditionOf(succeeded(world.object(name) as Parameters<typeof succeeded>[0]))]));
}

function conditionOf(condition: ReturnType<typeof succeeded>): string {
  return `${condition?.status} ${condition?.reason}: ${condition?.message ?? ''}`;
}
