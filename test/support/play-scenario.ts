import { groupKindOf, type KubeObject } from '../../src/resources/object.ts';
import { resourceTypes } from '../../src/resources/registry.ts';
import { succeeded, type World, type WorldOptions, world } from '../engine/world.ts';
import { CustomController } from './custom-controller.ts';
import { type Outcomes, type Scenario, stepScript } from './scenario.ts';

/** Where scenarios begin; seconds count from here. */
export const SCENARIO_START = Date.parse('2026-01-01T00:00:00Z');

/** No scenario waits for longer than this; what has not ended by then never will. */
const LONGEST_MS = 30 * 24 * 3_600_000;

export interface Played {
  readonly world: World;
  /** What `look` gave at the instants asked for, by seconds. */
  readonly looks: Readonly<Record<string, unknown>>;
}

/** Plays a scenario on the whole engine: store in memory, scripted pods, a clock that goes from one timer to the next. */
export async function playScenario(
  { objects, outcomes }: Scenario,
  instants: readonly number[],
  look: (world: World, second: number) => Promise<unknown>,
  options: WorldOptions = {},
): Promise<Played> {
  const made: World = await world((pod, step) => script(made, outcomes, pod, step), {
    ...options,
    config: outcomes.config,
    startsAt: SCENARIO_START,
  });
  const custom = new CustomController(made.store, made.clock, outcomes.customRuns);
  const settle = async (): Promise<void> => {
    do await made.settle();
    while (await custom.look());
  };
  const playUntil = async (instant: number, stop: () => Promise<boolean> = async () => false): Promise<void> => {
    await settle();
    for (let next = made.clock.next; next !== undefined && next <= instant; next = made.clock.next) {
      if (await stop()) return;
      made.clock.advance(Math.max(0, next - made.clock.now()));
      await settle();
    }
  };

  const [checked, unchecked] = partition(objects.map(inNamespace), (object) => !outcomes.unchecked.includes(nameOf(object)));
  await Promise.all([...unchecked.map((object) => made.store.create(object)), made.apply(...checked)]);
  const looks: Record<string, unknown> = {};
  const glance = async (at: number): Promise<void> => {
    looks[at] = await look(made, at);
  };
  // What happens at an instant comes before the look at it.
  const moments = [
    ...outcomes.actions.map((action) => ({ at: action.at, happen: () => act(made, action) })),
    ...instants.map((at) => ({ at, happen: () => glance(at) })),
  ].sort((a, b) => a.at - b.at);
  for (const { at, happen } of moments) {
    const instant = SCENARIO_START + at * 1000;
    await playUntil(instant);
    made.clock.advance(Math.max(0, instant - made.clock.now()));
    await settle();
    await happen();
    await settle();
  }
  await playUntil(SCENARIO_START + LONGEST_MS, () => allDone(made));
  return { world: made, looks };
}

function script({ plans }: World, outcomes: Outcomes, pod: string, step: string): ReturnType<typeof stepScript> {
  const plan = plans.get(pod);
  const { 'tekton.dev/taskRun': taskRun = '', 'tekton.dev/pipelineTask': task = '' } = plan?.labels ?? {};
  const key = [pod, taskRun, task].find((name) => Object.hasOwn(outcomes.pods, name));
  const said = key === undefined ? undefined : outcomes.pods[key];
  return said && stepScript(said, step, plan?.sidecars.some(({ name }) => name === step) ?? false);
}

async function act(made: World, action: Outcomes['actions'][number]): Promise<void> {
  if (action.patch !== undefined) {
    const { spec, metadata } = action;
    await made.store.patch(keyOf(action.patch), { ...(spec && { spec }), ...(metadata && { metadata }) });
  }
  if (action.delete !== undefined) await made.store.delete(keyOf(action.delete));
  if (action.apply !== undefined) await made.apply(...action.apply.map(inNamespace));
  if (action.losePod !== undefined) await losePod(made, action.losePod);
  if (action.engine === 'stops' || action.engine === 'restarts') await made.close();
  if (action.engine === 'starts' || action.engine === 'restarts') await made.start();
}

/** It is gone and nobody knows where: no end of it is ever seen. */
async function losePod({ runtime, plans }: World, name: string): Promise<void> {
  const uid = plans.get(name)?.uid;
  if (uid === undefined) throw new Error(`no pod ${name} to lose`);
  await Promise.all([runtime.stop(uid, { graceMs: 0 }), runtime.remove(uid)]);
}

async function allDone(made: World): Promise<boolean> {
  const runs = [...(await made.list('tekton.dev/PipelineRun')), ...(await made.list('tekton.dev/TaskRun'))];
  return runs.every((run) => (succeeded(run)?.status ?? 'Unknown') !== 'Unknown');
}

/** `PipelineRun/x` in namespace `default`. */
export function keyOf(text: string): { readonly kind: string; readonly namespace: string; readonly name: string } {
  const [kind = '', name = ''] = text.split('/');
  const type = resourceTypes.find((each) => each.kind === kind);
  if (type === undefined || name === '') throw new Error(`${JSON.stringify(text)} is not of the form Kind/name`);
  return { kind: groupKindOf({ apiVersion: type.group === '' ? 'v1' : `${type.group}/v1`, kind }), namespace: 'default', name };
}

function inNamespace(raw: unknown): KubeObject {
  const object = raw as KubeObject;
  return { ...object, metadata: { namespace: 'default', ...object.metadata } };
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name ?? ''}`;
}

function partition<T>(all: readonly T[], test: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(test), all.filter((each) => !test(each))];
}
