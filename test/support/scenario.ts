import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from '../../src/resources/zod.ts';
import { type StepScript, stepScriptSchema } from '../../src/runtimes/scripted/step-script.ts';

/** One scenario folder, read. `test/scenarios/README.md` says what its files mean. */
export interface Scenario {
  readonly objects: readonly unknown[];
  readonly outcomes: Outcomes;
  /** As in `expect.json`. */
  readonly expected: Expected;
}

export interface Expected {
  readonly at?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly plans?: Readonly<Record<string, unknown>> | undefined;
  /** `Kind/name` of objects, and the other lists of the summary. */
  readonly [section: string]: unknown;
}

const seconds = z.number().min(0);
/** What is no text is written as JSON, as a task that emits a list would. */
const fileContents = z.unknown().transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const step = stepScriptSchema
  .omit({ afterMs: true, readyAfterMs: true, results: true, stepResults: true })
  .extend({
    after: seconds.optional(),
    readyAfter: seconds.optional(),
    results: z.record(z.string(), fileContents).optional(),
    stepResults: z.record(z.string(), fileContents).optional(),
  })
  .strict();

const pod = step.extend({ steps: z.record(z.string(), step).optional() }).strict();

const customRun = z.strictObject({
  after: seconds.optional(),
  neverEnds: z.boolean().optional(),
  /** Its controller never looks at `spec.status`. */
  ignoresCancel: z.boolean().optional(),
  fails: z.strictObject({ reason: z.string(), message: z.string() }).optional(),
  results: z.record(z.string(), z.string()).optional(),
});

const action = z.strictObject({
  at: seconds,
  patch: z.string().optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  delete: z.string().optional(),
  apply: z.array(z.unknown()).optional(),
  losePod: z.string().optional(),
  engine: z.enum(['stops', 'starts', 'restarts']).optional(),
});

const outcomes = z.strictObject({
  config: z.record(z.string(), z.unknown()).default({}),
  unchecked: z.array(z.string()).default([]),
  pods: z.record(z.string(), pod).default({}),
  customRuns: z.record(z.string(), customRun).default({}),
  actions: z.array(action).default([]),
});

export type Outcomes = z.infer<typeof outcomes>;
export type PodScript = z.infer<typeof pod>;
export type CustomRunScript = z.infer<typeof customRun>;

export function readScenario(folder: string): Scenario {
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return {
    objects: parseAllDocuments(read('objects.yaml')).map((document) => document.toJS() as unknown),
    outcomes: outcomes.parse(parse(read('outcomes.yaml')) ?? {}),
    expected: JSON.parse(read('expect.json')) as Expected,
  };
}

/** What a step or sidecar does, in the runtime's terms. A step nobody names does what is said of the pod as a whole. */
export function stepScript(script: PodScript, name: string, isSidecar: boolean): StepScript | undefined {
  const { steps = {}, ...whole } = script;
  const own = Object.hasOwn(steps, name) ? steps[name] : undefined;
  const said = own ?? (isSidecar ? undefined : whole);
  if (said === undefined) return undefined;
  const { after, readyAfter, ...rest } = said;
  return {
    ...rest,
    ...(after !== undefined && { afterMs: after * 1000 }),
    ...(readyAfter !== undefined && { readyAfterMs: readyAfter * 1000 }),
  };
}
