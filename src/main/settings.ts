import { allowRuleForms, parseAllowRule } from '../http/allow-rule.ts';
import { defaultEngineConfig, type EngineConfig } from '../resources/engine-config.ts';
import { type ConfigKey, engineConfigKeys } from '../resources/engine-config-keys.ts';
import { z } from '../resources/zod.ts';
import { observabilitySchema } from './observability-settings.ts';
import { resolversSchema } from './resolver-settings.ts';
import { retentionSchema } from './retention-settings.ts';
import { tracingSchema } from './tracing-settings.ts';

const addressSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]]*):\d{1,5}$/, 'expected host:port, e.g. 127.0.0.1:8080 or [::1]:8080')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'a port is at most 65535');

/** Which other servers this one calls, besides public ones: webhook interceptors, forges. */
const outboundSchema = z.strictObject({
  /** Called whatever their addresses are: `hooks.internal`, `hooks.internal:9000`, `127.0.0.1:9000`, `10.0.0.0/8`. */
  allow: z
    .array(
      z.string().transform((text, context) => {
        const rule = parseAllowRule(text);
        if (rule !== undefined) return rule;
        context.addIssue(allowRuleForms);
        return z.NEVER;
      }),
    )
    .default([]),
  /** Private addresses for every request; else only where a request names a server of the same network on purpose. */
  allowPrivate: z.boolean().default(false),
});

/** What would be a promise that nobody keeps: whoever asks for it must not believe that it is done. */
const unkept = new Map<unknown, { readonly kept: unknown; readonly why: string }>([
  [
    engineConfigKeys['trusted-resources-verification-no-match-policy'],
    { kept: 'ignore', why: 'signatures of tasks and pipelines are not verified' },
  ],
  [engineConfigKeys['enforce-nonfalsifiability'], { kept: 'none', why: 'there is no SPIRE here' }],
]);

const engineSchema = z.strictObject(
  Object.fromEntries(Object.entries(engineConfigKeys).map(([key, how]: [string, ConfigKey]) => [key, keySchema(how).optional()])),
);

function keySchema(key: ConfigKey): z.ZodType {
  const { read, expected } = key;
  const limit = unkept.get(key);
  return z.unknown().transform((value, context) => {
    const found = read(value);
    if (found !== undefined && limit !== undefined && found !== limit.kept)
      context.addIssue(`${limit.why}: only "${limit.kept}" can be had`);
    else if (found === undefined) context.addIssue(`expected ${expected}`);
    else return found;
    return z.NEVER;
  });
}

const pathSchema = z.string().regex(/^\//, 'expected an absolute path');

const apiTlsSchema = z.strictObject({ certificateFile: pathSchema, keyFile: pathSchema, caFile: pathSchema.optional() });

/** How a cluster is reached and what its pods are made with. */
const kubernetesSchema = z.strictObject({
  /** Absent: the service account of the pod this process runs in. */
  kubeconfig: pathSchema.optional(),
  context: z.string().optional(),
  /** Where the Leases of the replicas lie, and this one's own name among them. Absent: POD_NAMESPACE and POD_NAME, as a pod has them. */
  namespace: z.string().optional(),
  identity: z.string().optional(),
  /** Replicas with the same name share the work. */
  group: z.string().default('tappet'),
  /** Requests a second on average, and at once; the API server has limits of its own. */
  qps: z.number().positive().default(200),
  burst: z.int().min(1).default(400),
  /** Only what lies in these is looked at, and no right is needed elsewhere. Empty: everything. */
  namespaces: z.array(z.string().min(1)).default([]),
  /** What triggers create is created in the name of their service accounts; otherwise in ours. */
  impersonate: z.boolean().default(true),
  /** Runs resources although Tekton is installed too: it looks after other namespaces. */
  besideTekton: z.boolean().default(false),
  /** A static busybox, brought into every pod to order its steps. */
  entrypointImage: z.string().default('docker.io/library/busybox:1.37.0-musl'),
  /**
   * How: as a volume that is the image, which wants Kubernetes 1.36 and containerd 2.1 or CRI-O 1.33 on every node; copied by an init container, which costs
   * a pod about a second; `auto`: by the version of the API server.
   */
  entrypointDelivery: z.enum(['auto', 'init-container', 'image-volume']).default('auto'),
});

const eventsSchema = z.strictObject({ retention: retentionSchema.prefault({}) });

/** One server's configuration: the file's shape, and after parsing what `startServer` takes. */
export const settingsSchema = z.strictObject({
  /** Absolute path. Everything the server keeps is below it. */
  dataDir: z.string().min(1),
  /** Public listener: webhooks. Port 0 picks a free one. */
  ingress: addressSchema.default({ host: '127.0.0.1', port: 8080 }),
  /** What listeners say their address begins with. Absent: what the public listener is bound to. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Private listener: API and console. */
  api: addressSchema.default({ host: '127.0.0.1', port: 8081 }),
  /** The API's own certificate. Absent: a self-signed one is made and kept in the data directory. Absolute paths, PEM. */
  apiTls: apiTlsSchema.optional(),
  /** Of who owns the server. Absent: one is made at the first start and kept in the data directory. */
  apiToken: z.string().min(16, 'a token shorter than 16 characters is easily guessed').optional(),
  /** `namespace/name` of the listener that also answers paths which name none. */
  defaultListener: z.string().optional(),
  /** Entries of the image map, first match wins: `{pattern, serves, entrypoint?, cmd?, env?, user?, workingDir?}`. */
  images: z.array(z.unknown()).default([]),
  isolation: z.enum(['bubblewrap', 'process']).default('bubblewrap'),
  network: z.enum(['host', 'none']).default('host'),
  /** Pods that run at once. */
  maxPods: z.int().min(1).optional(),
  /** Folders and files of this machine that pods may mount as hostPath, with all below them. */
  hostPaths: z.array(z.string().regex(/^\/[^\0]*$/, 'expected an absolute path')).default([]),
  /** Who executes runs. `tekton` and `none`: they are created and left alone; an installed Tekton executes them, or nobody. */
  runs: z.enum(['tappet', 'tekton', 'none']).default('tappet'),
  /** Resources and pods are those of a Kubernetes cluster; events alone are kept here. */
  cluster: z.boolean().default(false),
  /** With `cluster`. */
  kubernetes: kubernetesSchema.prefault({}),
  /** Bytes of one webhook's body. */
  maxBodyBytes: z.int().min(1024).optional(),
  /** Where Kubernetes services that interceptors name are reached from here: `namespace/name` to a URL. They count as allowed to be called. */
  services: z.record(z.string(), z.url({ protocol: /^https?$/ })).default({}),
  /** Kubernetes Events on listeners: of triggers that failed, of all that happens to an event, or none. */
  listenerEvents: z.enum(['failed', 'all', 'none']).default('failed'),
  outbound: outboundSchema.prefault({}),
  /** Upstream keeps no events. */
  events: eventsSchema.prefault({}),
  /** Upstream's config-defaults and feature-flags, same names. */
  engine: engineSchema.default({}),
  /** Of upstream's config-observability what says how fine metrics of runs are, same names. */
  observability: observabilitySchema.prefault({}),
  tracing: tracingSchema.prefault({}),
  /** Upstream's ConfigMaps of the resolvers, same names. */
  resolvers: resolversSchema.prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;

export type SettingsParse = { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly errors: readonly string[] };

/** Checks a configuration as read from a file and flags; every error names its setting. */
export function parseSettings(raw: unknown): SettingsParse {
  const parsed = settingsSchema.safeParse(raw);
  if (!parsed.success) return { ok: false, errors: parsed.error.issues.flatMap((issue) => explain(issue, raw)) };
  return { ok: true, settings: parsed.data };
}

function explain(issue: z.core.$ZodIssue, raw: unknown): string[] {
  const name = issue.path.join('.');
  const got = JSON.stringify(issue.path.reduce<unknown>(valueAt, raw)) ?? 'nothing';
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = Object.keys(knownSettings(issue.path)).join(', ');
      return issue.keys.map((key) => `${[...issue.path, key].join('.')}: no such setting; there are ${known}`);
    }
    case 'invalid_type':
      return [`${name}: got ${got}, expected ${issue.expected === 'int' ? 'a whole number' : issue.expected}`];
    case 'invalid_value':
      return [`${name}: got ${got}, expected one of ${issue.values.join(', ')}`];
    case 'too_small':
      return [`${name}: got ${got}, ${issue.origin === 'string' ? issue.message : `expected at least ${issue.minimum}`}`];
    default:
      return [`${name}: got ${got}, ${issue.message}`];
  }
}

/** Of the mapping at this path. */
function knownSettings(path: readonly PropertyKey[]): object {
  switch (path.join('.')) {
    case '':
      return settingsSchema.shape;
    case 'outbound':
      return outboundSchema.shape;
    case 'apiTls':
      return apiTlsSchema.shape;
    case 'kubernetes':
      return kubernetesSchema.shape;
    case 'events':
      return eventsSchema.shape;
    case 'events.retention':
      return retentionSchema.shape;
    case 'observability':
      return observabilitySchema.shape;
    case 'tracing':
      return tracingSchema.shape;
    case 'resolvers':
      return resolversSchema.shape;
    default: {
      const config = path[0] === 'resolvers' ? Object.entries(resolversSchema.shape).find(([name]) => name === path[1])?.[1] : undefined;
      return config instanceof z.ZodPrefault ? (config.unwrap() as z.ZodObject).shape : defaultEngineConfig;
    }
  }
}

function valueAt(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

export function engineConfig(settings: Settings): EngineConfig {
  return { ...defaultEngineConfig, ...settings.engine };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
