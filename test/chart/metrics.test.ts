import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EngineGauge } from '../../src/main/engine-gauge.ts';
import { metricsPage } from '../../src/main/metrics-page.ts';
import type { Stored } from '../../src/resources/object.ts';
import { defaultObservability } from '../../src/resources/observability.ts';
import { EventTally } from '../../src/server/metrics/event-tally.ts';
import { metricsText } from '../../src/server/metrics/metrics-text.ts';
import { RunTally } from '../../src/server/metrics/run-tally.ts';
import { CHART } from '../support/chart.ts';
import { ManualClock } from '../support/manual-clock.ts';

const steps = [{ name: 'a', terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:01Z' } }];
const ended = {
  startTime: '2026-01-01T00:00:00Z',
  completionTime: '2026-01-01T00:00:09Z',
  steps,
  conditions: [{ type: 'Succeeded', status: 'True' }],
};

function run(kind: string, uid: string, owner?: string): Stored {
  const ownerReferences =
    owner === undefined ? undefined : [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: owner, uid: owner, controller: true }];
  const metadata = {
    name: uid,
    namespace: 'ci',
    uid,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ownerReferences,
  };
  return { apiVersion: 'tekton.dev/v1', kind, metadata, spec: {} };
}

/** What a server prints by which all there is has happened. */
async function everything(): Promise<string> {
  const clock = new ManualClock();
  const [events, runs] = [new EventTally(), new RunTally({ clock, observability: defaultObservability })];
  events.created('PipelineRun');
  runs.begin();
  const all = [run('PipelineRun', 'p'), run('TaskRun', 'child', 'p'), run('TaskRun', 'alone')];
  for (const one of all) runs.changed(one, undefined);
  for (const one of all.reverse()) runs.changed({ ...one, status: ended }, one);
  const journal = { unprocessed: () => Promise.resolve([]) };
  const own = metricsPage({ meters: [events, runs, new EngineGauge()], journal, clock });
  return (await metricsText(own)).text;
}

describe('metrics', () => {
  let names: readonly string[];
  beforeAll(async () => {
    names = [...(await everything()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  });

  it('are in the documentation, all of ours', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
    const told = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
    expect([...told].sort()).toEqual(names.filter((name) => !/^(process|nodejs)_/.test(name)).sort());
  });

  it('are what the dashboard shows', async () => {
    const dashboard = await readFile(join(CHART, 'dashboards', 'tappet.json'), 'utf8');
    const shown = [...dashboard.matchAll(/\b(?:tekton|tappet|eventlistener|process|nodejs)_\w+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, (part) => (names.includes(name) ? part : '')),
    );
    expect(new Set(shown).size).toBeGreaterThan(20);
    expect([...new Set(shown)].filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('has a place of its own for each panel, and queries with balanced brackets', async () => {
    const { panels, uid } = JSON.parse(await readFile(join(CHART, 'dashboards', 'tappet.json'), 'utf8'));
    expect(uid).toBe('tappet');
    const places = panels.map(({ gridPos: { x, y } }: { gridPos: { x: number; y: number } }) => `${x},${y}`);
    expect(places).toEqual([...new Set(places)]);
    for (const { targets = [] } of panels) for (const { expr } of targets) expect(expr.replace(/[^()]/g, '').length % 2, expr).toBe(0);
  });
});
