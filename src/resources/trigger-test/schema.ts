import { z } from '../zod.ts';

/** Text that has to be found in what is looked at; between slashes a regular expression. */
const textSchema = z.string().min(1);

const secretRefSchema = z.strictObject({ secretName: z.string(), secretKey: z.string() });

const eventSchema = z.strictObject({
  /** Names and `$(uid)` of what is rendered follow from it. */
  id: z.string().min(1).optional(),
  /** `pull_request.opened`: GitHub's sample of it, with the headers it sends. */
  github: z.string().optional(),
  /** As JSON; text is sent as it is. */
  body: z.unknown().optional(),
  /** Beside the test's file. */
  bodyFile: z.string().optional(),
  /** Path to value: changes to a body that is an object. */
  set: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  url: z.string().startsWith('/', 'expected a path, beginning with /').optional(),
  /** With which secret the sender signs. Absent: with the first of the listener's that suits. */
  signWith: secretRefSchema.optional(),
  unsigned: z.boolean().optional(),
});

const cannedAnswerSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  url: textSchema,
  status: z.int().min(100).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Text as it is, anything else as JSON. */
  body: z.unknown().optional(),
});

const expectationSchema = z.strictObject({
  verdict: z.enum(['matched', 'filtered', 'failed']),
  /** In the verdict's reason or error. */
  reason: textSchema.optional(),
  /** In the sub-expression of the filter that decided. */
  because: textSchema.optional(),
  /** Those that are named. */
  params: z.record(z.string(), z.string()).optional(),
  /** In the template's order. */
  manifests: z.array(z.record(z.string(), z.unknown())).optional(),
  /** Whether manifests may have more fields than those written. */
  match: z.enum(['subset', 'exact']).optional(),
});

export const triggerTestSchema = z.strictObject({
  apiVersion: z.literal('tappet.dev/v1alpha1'),
  kind: z.literal('TriggerTest'),
  metadata: z.strictObject({ name: z.string().min(1), annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.strictObject({
    /** Files and folders, beside the test's file. Absent: all YAML of its folder. */
    configuration: z.array(z.string()).min(1).optional(),
    namespace: z.string().min(1).optional(),
    /** The EventListener the event is sent to … */
    listener: z.string().min(1).optional(),
    /** … or the Schedule that fires, at `now`; of its event only `id` and `set` can be said. */
    schedule: z.string().min(1).optional(),
    event: eventSchema.optional(),
    /** By name, in the test's namespace, or by `namespace/name`; instead of those of the configuration. */
    secrets: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    /** What other servers answer. Whatever is not listed is not reached. */
    http: z.array(cannedAnswerSchema).optional(),
    /** When it happens, RFC 3339. */
    now: z.iso.datetime({ offset: true, error: 'expected a time such as 2026-01-31T12:00:00Z' }).optional(),
    /** `anywhere`: events that nobody has signed are refused, as on a server that others can reach. */
    reachable: z.enum(['loopback', 'anywhere']).optional(),
    expect: z.strictObject({
      /** The sender is refused, with these words. */
      refused: z.union([z.literal(true), textSchema]).optional(),
      /** By name, `namespace/name`, or `(unnamed)`. */
      triggers: z.record(z.string(), expectationSchema).optional(),
      /** All triggers not named. */
      others: z.enum(['filtered', 'any']).optional(),
    }),
  }),
});

export type TriggerTest = z.infer<typeof triggerTestSchema>;
export type TriggerExpectation = z.infer<typeof expectationSchema>;
export type CannedAnswer = z.infer<typeof cannedAnswerSchema>;
