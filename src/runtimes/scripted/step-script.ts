import { z } from '../../resources/zod.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';

export const stepScriptSchema = z.strictObject({
  /** Default 0. */
  exitCode: z.int().min(0).max(255).optional(),
  /** How long it runs by the clock; default: it ends in the next turn. */
  afterMs: z.number().min(0).optional(),
  /** Task results it leaves. */
  results: z.record(z.string(), z.string()).optional(),
  /** Results of its own. */
  stepResults: z.record(z.string(), z.string()).optional(),
  output: z.string().optional(),
  outOfMemory: z.boolean().optional(),
  /** No such command. */
  notRunnable: z.string().optional(),
  /** Its container waits with this reason and the pod never begins. */
  waiting: z.strictObject({ reason: z.string(), message: z.string().optional() }).optional(),
  /** Its process vanishes. */
  lost: z.boolean().optional(),
  /** At its end the whole pod is evicted, for this reason. */
  evicted: z.string().optional(),
  /** Its pod finds no place to run, for this reason, and never begins. */
  unschedulable: z.string().optional(),
  /** Runs until it is stopped or timed out. */
  neverEnds: z.boolean().optional(),
  /** A sidecar with a readiness or startup probe: how long by the clock until that passes; default: at once. */
  readyAfterMs: z.number().min(0).optional(),
  neverReady: z.boolean().optional(),
});

/** What a step does instead of running. Of these a sidecar heeds `exitCode`, `outOfMemory`, `afterMs`, `waiting`, `unschedulable`, `readyAfterMs` and `neverReady`. */
export type StepScript = z.infer<typeof stepScriptSchema>;

/** Pods by step name, as JSON in `metadata.annotations`: `{"build": {"exitCode": 1, "afterMs": 50}}`. */
export const SCRIPT_ANNOTATION = 'tappet.dev/script';

const podScriptSchema = z.record(z.string(), stepScriptSchema);

export type StepScripts = (plan: PodPlan, step: PlannedStep | PlannedSidecar) => StepScript | undefined;

/** Steps the annotation does not name succeed at once. */
export function readScripts(plan: PodPlan): ReadonlyMap<string, StepScript> {
  const text = plan.annotations[SCRIPT_ANNOTATION];
  if (text === undefined) return new Map();
  const parsed = podScriptSchema.safeParse(parseJson(text));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  throw new Error(`annotation ${SCRIPT_ANNOTATION} of pod ${plan.name}: ${problems.join('; ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
