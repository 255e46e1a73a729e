import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import type { Pipeline } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { Task } from '../../src/resources/task/schema.ts';
import { type ChildScript, PipelineSimulator } from '../support/pipeline-simulator.ts';

/**
 * A folder is a case: `pipeline.yaml` (the run, and the Pipelines and Tasks it refers to), `outcomes.yaml` (what the children do and what
 * the user does meanwhile) and `expect.json` (how the run ends).
 */
interface Outcomes {
  readonly config?: Partial<EngineConfig>;
  /** By pipeline task, or by the child's name where a matrix's children differ. */
  readonly children?: Readonly<Record<string, ChildScript>>;
  /** Seconds after the start. */
  readonly actions?: readonly { readonly at: number; readonly specStatus?: string; readonly cancelChild?: string }[];
}

const folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe('scenarios', () => {
  it.each(names.sort())('%s', (name) => {
    const read = (file: string): string => readFileSync(join(folder, name, file), 'utf8');
    const world = play(read('pipeline.yaml'), (parse(read('outcomes.yaml')) ?? {}) as Outcomes);
    expect(summary(world)).toEqual(JSON.parse(read('expect.json')));
  });
});

function play(yaml: string, { config, children = {}, actions = [] }: Outcomes): PipelineSimulator {
  const flags = { ...defaultEngineConfig, ...config };
  const documents = parseAllDocuments(yaml).map((document) => admitted(document.toJS(), flags));
  const run = documents.find((document) => document.kind === 'PipelineRun');
  if (run === undefined) throw new Error('no PipelineRun in pipeline.yaml');
  const start = Date.parse('2026-01-01T00:00:00Z');
  const world = new PipelineSimulator({
    run: { ...run, metadata: { ...run.metadata, uid: 'uid-of-run', creationTimestamp: '2026-01-01T00:00:00Z' } } as unknown as PipelineRun,
    pipelines: documents.filter((document) => document.kind === 'Pipeline') as unknown as Pipeline[],
    tasks: documents.filter((document) => document.kind === 'Task') as unknown as Task[],
    config: flags,
    now: start,
    script: (task, child) => children[child] ?? children[task],
  });
  for (const action of actions) {
    world.runUntil(start + action.at * 1000);
    if (action.specStatus !== undefined) world.setSpecStatus(action.specStatus);
    if (action.cancelChild !== undefined) world.cancelChild(action.cancelChild);
  }
  world.runToEnd();
  return world;
}

function admitted(raw: unknown, config: EngineConfig): KubeObject {
  const answer = admit(raw, config);
  if (!answer.ok) throw new Error(`pipeline.yaml is refused: ${JSON.stringify(answer.errors)}`);
  return answer.object;
}

function summary(world: PipelineSimulator): unknown {
  const { conditions = [], startTime, completionTime, finallyStartTime, skippedTasks, childReferences, results } = world.run.status ?? {};
  const created = world.log.flatMap((decision) => (decision.type === 'create-child' ? [decision.child] : []));
  return JSON.parse(
    JSON.stringify({
      conditions: conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
      times: { startTime, finallyStartTime, completionTime },
      skippedTasks,
      childReferences,
      results,
      children: created.map((child) => ({ name: child.metadata.name, ...interesting(child['spec'] as Readonly<Record<string, unknown>>) })),
      cancelled: world.log.flatMap((decision) => (decision.type === 'cancel-child' ? [`${decision.name}: ${decision.statusMessage}`] : [])),
      claims: world.claims.map((claim) => claim.metadata.name),
    }),
  );
}

/** What of a child's spec a pipeline decides; an embedded task only by its scripts. */
function interesting({ params, timeout, workspaces, retries, taskRef, taskSpec }: Readonly<Record<string, unknown>>): object {
  const { steps = [] } = (taskSpec ?? {}) as { readonly steps?: readonly { readonly script?: string }[] };
  const scripts = steps.flatMap((step) => step.script ?? []);
  return { params, timeout, workspaces, retries, taskRef, ...(scripts.some((script) => script !== 'true') && { scripts }) };
}
