import { applyRules, type CompiledRules, compileRules, type FieldRule } from './admission/field-rules.ts';
import { inertKinds, inertWarning } from './inert-kinds.ts';
import { podRules } from './not-honoured-in-pods.ts';
import { type GroupKind, groupKindOf, type KubeObject } from './object.ts';

/**
 * Fields that are accepted, because they are right, but do nothing yet. Each gives a warning at admission, never silence.
 * When a feature lands, take its line out here.
 */

/** What depends on the machine. */
export interface Honoured {
  /** As `RuntimeCapabilities` has it. */
  readonly resourceLimits: boolean;
}

const resolver = 'this server has no resolver of that name: a program of yours has to answer its ResolutionRequests';
const limits = 'limits and requests are recorded but not enforced: this machine gives the server no cgroup to do it with';
const otherLimit = 'only limits of cpu and memory are enforced';
const grpc = 'grpc probes are not asked yet, and a sidecar that has one is not started: use exec, httpGet or tcpSocket';
const custom = 'custom tasks need a controller of their own; a CustomRun is created and waits for one';

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const isBuiltIn = (value: unknown): boolean => value === '' || ['git', 'http', 'hub', 'bundles', 'cluster'].includes(String(value));

const taskRules = (honoured: Honoured): readonly FieldRule[] => [
  ...['steps[]', 'stepTemplate', 'sidecars[]'].flatMap((place) => at(place, [...limitRules(honoured), ...podRules.container])),
  { path: 'steps[].ref.resolver', text: resolver, unless: isBuiltIn },
  { path: 'sidecars[].readinessProbe.grpc', text: grpc },
  { path: 'sidecars[].startupProbe.grpc', text: grpc },
  { path: 'sidecars[].livenessProbe.grpc', text: grpc },
  { path: 'sidecars[].lifecycle.stopSignal', text: 'a sidecar is ended by TERM' },
  ...at('volumes[]', podRules.volume),
];

const pipelineTaskRules = (honoured: Honoured): readonly FieldRule[] => [
  ...at('taskSpec', taskRules(honoured)),
  { path: 'taskRef.resolver', text: resolver, unless: isBuiltIn },
  { path: 'taskRef.apiVersion', text: custom },
  { path: 'taskSpec.apiVersion', text: custom },
];

const pipelineRules = (honoured: Honoured): readonly FieldRule[] =>
  ['tasks[]', 'finally[]'].flatMap((list) => at(list, pipelineTaskRules(honoured)));

const runRules: readonly FieldRule[] = at('workspaces[]', podRules.workspace);

const overrideRules = (honoured: Honoured): readonly FieldRule[] => [
  ...at('stepSpecs[]', limitRules(honoured)),
  ...at('sidecarSpecs[]', limitRules(honoured)),
  ...limitRules(honoured),
  ...at('podTemplate', podRules.template),
];

const impersonation = 'resources are created with the rights of the server, not of this account';

const triggerRules: readonly FieldRule[] = [{ path: 'serviceAccountName', text: impersonation }];

const listenerRules: readonly FieldRule[] = [
  ...at('triggers[]', triggerRules),
  { path: 'resources.*', text: 'the listener is a path of this server: it gets no deployment of its own' },
];

const byKind = (honoured: Honoured): Readonly<Record<GroupKind, readonly FieldRule[]>> => ({
  'tekton.dev/Task': at('spec', taskRules(honoured)),
  'tekton.dev/TaskRun': at('spec', [
    ...at('taskSpec', taskRules(honoured)),
    ...runRules,
    ...overrideRules(honoured),
    { path: 'taskRef.resolver', text: resolver, unless: isBuiltIn },
  ]),
  'tekton.dev/Pipeline': at('spec', pipelineRules(honoured)),
  'tekton.dev/PipelineRun': at('spec', [
    ...at('pipelineSpec', pipelineRules(honoured)),
    ...runRules,
    ...at('taskRunTemplate.podTemplate', podRules.template),
    ...at('taskRunSpecs[]', overrideRules(honoured)),
    { path: 'pipelineRef.resolver', text: resolver, unless: isBuiltIn },
  ]),
  'tekton.dev/StepAction': at('spec', podRules.container),
  'triggers.tekton.dev/EventListener': at('spec', listenerRules),
  'triggers.tekton.dev/Trigger': at('spec', triggerRules),
  'tappet.dev/Schedule': at('spec.trigger', triggerRules),
});

/** Requests are for schedulers: on one machine they are honoured by doing nothing. */
function limitRules({ resourceLimits }: Honoured): readonly FieldRule[] {
  return resourceLimits
    ? [{ path: 'computeResources.limits.*', except: ['cpu', 'memory'], text: otherLimit }]
    : [{ path: 'computeResources', text: limits, unless: isEmpty }];
}

/** The same rules one level further down. */
function at(prefix: string, rules: readonly FieldRule[]): readonly FieldRule[] {
  return rules.map((rule) => ({ ...rule, path: `${prefix}.${rule.path}` }));
}

const compile = (honoured: Honoured): ReadonlyMap<GroupKind, CompiledRules> =>
  new Map(Object.entries(byKind(honoured)).map(([kind, rules]) => [kind, compileRules(rules)]));

const compiled = { withLimits: compile({ resourceLimits: true }), without: compile({ resourceLimits: false }) };

const inert: ReadonlySet<GroupKind> = new Set(
  inertKinds.map(({ group, kind }) => groupKindOf({ apiVersion: `${group === '' ? '' : `${group}/`}v1`, kind })),
);

/** A warning, `<path>: <text>`, for every field of an admitted object that has no effect yet. */
export function notHonoured(kind: GroupKind, object: KubeObject, honoured: Honoured): readonly string[] {
  if (inert.has(kind)) return [inertWarning(object.kind)];
  const rules = (honoured.resourceLimits ? compiled.withLimits : compiled.without).get(kind);
  return rules === undefined ? [] : applyRules(rules, object);
}
