import { expect } from 'vitest';
import type { PodMaterials, Runtime } from '../../src/ports/runtime.ts';
import { SCRIPT_ANNOTATION, type StepScript } from '../../src/runtimes/scripted/step-script.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import type { PlannedProbe, PlannedSidecar, PlannedStep, PodPlan } from '../../src/tasks/pod-plan.ts';

/** A step as shell text, and what it amounts to for the scripted runtime. */
export interface TestStep extends Partial<PlannedStep> {
  readonly name: string;
  /** The script's text behind `#!/bin/sh` and `set -e`. */
  readonly sh?: string;
  readonly does?: StepScript;
}

export function step({ name, sh, does: _, ...more }: TestStep): PlannedStep {
  const text = sh === undefined ? {} : { script: `#!/bin/sh\nset -e\n${sh}\n` };
  const planned: PlannedStep = {
    name,
    container: `step-${name}`,
    image: 'busybox',
    args: [],
    env: [],
    envFrom: [],
    mounts: [],
    onError: 'stopAndFail',
    results: [],
    when: [],
  };
  return { ...planned, ...text, ...more };
}

/** Asks a shell, which is there in every image of these tests. */
export function execProbe(sh: string, more: Partial<PlannedProbe> = {}): PlannedProbe {
  const thresholds = { successThreshold: 1, failureThreshold: 3 };
  return {
    check: { type: 'exec', command: ['sh', '-c', sh] },
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 5_000,
    ...thresholds,
    ...more,
  };
}

export interface TestSidecar extends TestStep, Partial<Omit<PlannedSidecar, keyof PlannedStep>> {
  readonly name: string;
}

export interface TestPod extends Partial<Omit<PodPlan, 'steps' | 'sidecars'>> {
  readonly uid: string;
  readonly steps: readonly TestStep[];
  readonly sidecars?: readonly TestSidecar[];
}

export function pod({ steps, sidecars = [], ...more }: TestPod): PodPlan {
  const scripts = Object.fromEntries([...steps, ...sidecars].flatMap(({ name, does }) => (does === undefined ? [] : [[name, does]])));
  return {
    name: `${more.uid}-pod`,
    namespace: 'ci',
    labels: {},
    annotations: { [SCRIPT_ANNOTATION]: JSON.stringify(scripts) },
    serviceAccountName: 'default',
    volumes: [],
    results: [],
    ...more,
    steps: steps.map(step),
    sidecars: sidecars.map((sidecar): PlannedSidecar => {
      const { onError: _onError, results: _results, when: _when, ...container } = step(sidecar);
      return { ...container, container: `sidecar-${sidecar.name}` };
    }),
  };
}

export function materials(
  secrets: Record<string, Record<string, string>> = {},
  configMaps: Record<string, Record<string, string>> = {},
): PodMaterials {
  const encode = (sources: Record<string, Record<string, string>>): PodMaterials['secrets'] =>
    new Map(
      Object.entries(sources).map(([name, data]) => [name, new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]))]),
    );
  return { secrets: encode(secrets), configMaps: encode(configMaps) };
}

export const hasEnded = ({ phase }: PodObservation): boolean => phase === 'Succeeded' || phase === 'Failed';

/** Resolves with the first observation that fits. Takes the runtime's one listener. */
export async function until(runtime: Runtime, uid: string, fits: (pod: PodObservation) => boolean): Promise<PodObservation> {
  for (;;) {
    let ring: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => {
      ring = resolve;
    });
    const stopListening = runtime.onChange((changedUid) => {
      if (changedUid === uid) ring();
    });
    const seen = await runtime.observe(uid);
    if (seen !== undefined && fits(seen)) {
      stopListening();
      return seen;
    }
    await changed;
  }
}

export async function runToEnd(runtime: Runtime, plan: PodPlan, given: PodMaterials = materials()): Promise<PodObservation> {
  await runtime.start(plan, given);
  return until(runtime, plan.uid, hasEnded);
}

export async function readLog(runtime: Runtime, uid: string, container: string, follow = false): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of runtime.logs(uid, container, { follow })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What each step came to: `name: exit code, terminationReason`. */
export function outcomes({ steps }: PodObservation): string[] {
  return steps.map(
    ({ name, state, terminationReason }) =>
      `${name}: ${state.type === 'terminated' ? `${state.exitCode}, ${terminationReason}` : state.type}`,
  );
}

/** The task's result files as the last step that saw them left them. */
export function taskResults({ steps }: PodObservation): Record<string, string> {
  return Object.assign({}, ...steps.map((seen) => seen.taskResults));
}

export function expectTimesInOrder({ startedAt = 0, finishedAt = 0, steps }: PodObservation): void {
  const instants = steps.flatMap(({ state }) => (state.type === 'terminated' ? [state.startedAt, state.finishedAt] : []));
  expect([startedAt, ...instants, finishedAt]).toEqual([startedAt, ...instants, finishedAt].toSorted((a, b) => a - b));
}
