import { describe, expect, it } from 'vitest';
import { admit } from './admit.ts';
import { defaultEngineConfig } from './engine-config.ts';

const config = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const };
const step = { name: 'a', image: 'alpine', script: 'true' };

function warnings(spec: unknown, kind = 'Task', apiVersion = 'tekton.dev/v1'): readonly string[] {
  const admitted = admit({ apiVersion, kind, metadata: { name: 'x', namespace: 'default' }, spec }, config);
  if (!admitted.ok) throw new Error(JSON.stringify(admitted.errors));
  return admitted.warnings;
}

describe('fields that do nothing yet', () => {
  it.each([
    [
      'a gRPC probe of a sidecar',
      { steps: [step], sidecars: [{ name: 's', image: 'db', readinessProbe: { grpc: { port: 1 } } }] },
      'spec.sidecars[0].readinessProbe.grpc',
    ],
    ['limits', { steps: [{ ...step, computeResources: { limits: { memory: '1Gi' } } }] }, 'spec.steps[0].computeResources'],
    ['a volume only a cluster has', { steps: [step], volumes: [{ name: 'v', nfs: { server: 's' } }] }, 'spec.volumes[0].nfs'],
    ['a resolver that is nobody’s here', { steps: [{ name: 'a', ref: { resolver: 'mine' } }] }, 'spec.steps[0].ref.resolver'],
  ])('%s: a warning with its path', (_, spec, path) => {
    expect(warnings(spec)).toEqual([expect.stringContaining(path)]);
  });

  it.each([
    ['a sidecar without probes', { steps: [step], sidecars: [{ name: 's', image: 'db' }] }, 'Task'],
    [
      'a probe and hooks of a sidecar',
      {
        steps: [step],
        sidecars: [
          { name: 's', image: 'db', readinessProbe: { tcpSocket: { port: 1 } }, lifecycle: { preStop: { exec: { command: ['a'] } } } },
        ],
      },
      'Task',
    ],
    ['output to files', { steps: [{ ...step, stdoutConfig: { path: '/tmp/x' } }] }, 'Task'],
    ['a resolver', { steps: [{ name: 'a', ref: { resolver: 'git', params: [] } }] }, 'Task'],
    ['a condition of a step', { steps: [{ ...step, when: [{ input: 'a', operator: 'in', values: ['a'] }] }] }, 'Task'],
    [
      'a matrix',
      { tasks: [{ name: 't', matrix: { params: [{ name: 'p', value: ['a'] }] }, taskSpec: { params: [{ name: 'p' }], steps: [step] } }] },
      'Pipeline',
    ],
  ])('%s is honoured: no warning', (_, spec, kind) => {
    expect(warnings(spec, kind)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'privileges',
      { privileged: true, allowPrivilegeEscalation: true, capabilities: { add: ['SYS_ADMIN'], drop: ['ALL'] } },
      'privileged allowPrivilegeEscalation capabilities.add',
    ],
    [
      'profiles',
      { seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'Localhost' }, seLinuxOptions: { level: 's0' } },
      'seccompProfile appArmorProfile seLinuxOptions',
    ],
    [
      'nothing of what is stricter here, or obeyed',
      {
        privileged: false,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'], add: [] },
        seccompProfile: { type: 'Unconfined' },
        procMount: 'Default',
        runAsUser: 1,
        runAsGroup: 1,
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
      },
      '',
    ],
  ])('of a security context: %s', (_, securityContext, told) => {
    const places = (found: readonly string[], prefix: string) =>
      found.map((warning) => warning.split(': ')[0]?.replace(`${prefix}.securityContext.`, '')).join(' ');
    expect(places(warnings({ steps: [{ ...step, securityContext }] }), 'spec.steps[0]')).toBe(told);
    expect(places(warnings({ steps: [step], sidecars: [{ name: 's', image: 'db', securityContext }] }), 'spec.sidecars[0]')).toBe(told);
    expect(places(warnings({ image: 'a', script: 'true', securityContext }, 'StepAction', 'tekton.dev/v1beta1'), 'spec')).toBe(told);
  });

  it('of a pod template: what a single node cannot do, not what holds of it anyway', () => {
    const told = (podTemplate: unknown) =>
      warnings({ taskSpec: { steps: [step] }, podTemplate }, 'TaskRun').map((warning) =>
        warning.split(': ')[0]?.replace('spec.podTemplate.', ''),
      );
    const holds = {
      nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      securityContext: { runAsUser: 1, runAsNonRoot: true, runAsGroup: 1, fsGroup: 2, fsGroupChangePolicy: 'OnRootMismatch' },
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.1'], searches: ['a'], options: [{ name: 'ndots', value: '1' }] },
      hostNetwork: true,
      hostUsers: false,
      enableServiceLinks: true,
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 's' }],
      schedulerName: 'mine',
    };
    expect(told(holds)).toEqual([]);
    const cannot = {
      nodeSelector: { disk: 'ssd' },
      affinity: { nodeAffinity: {}, podAntiAffinity: {} },
      securityContext: { supplementalGroups: [1], sysctls: [{ name: 'a', value: 'b' }] },
      runtimeClassName: 'gvisor',
      priorityClassName: 'high',
      automountServiceAccountToken: true,
      volumes: [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
    };
    expect(told(cannot).toSorted()).toEqual([
      'affinity.nodeAffinity',
      'affinity.podAntiAffinity',
      'automountServiceAccountToken',
      'nodeSelector.disk',
      'priorityClassName',
      'runtimeClassName',
      'securityContext.supplementalGroups',
      'securityContext.sysctls',
      'volumes[0].emptyDir.medium',
      'volumes[0].emptyDir.sizeLimit',
    ]);
  });

  it('of workspaces and mounts', () => {
    const run = {
      taskSpec: {
        steps: [{ ...step, volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] }],
        volumes: [{ name: 'v' }, { name: 'i', image: { reference: 'r:1' } }],
      },
      workspaces: [
        { name: 'a', csi: { driver: 'd' } },
        { name: 'b', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { downwardAPI: { items: [] } }] } },
      ],
    };
    expect(warnings(run, 'TaskRun').map((warning) => warning.split(': ')[0])).toEqual([
      'spec.taskSpec.steps[0].volumeMounts[0].mountPropagation',
      'spec.workspaces[0].csi',
      'spec.workspaces[1].projected.sources[0].serviceAccountToken',
    ]);
  });

  it('limits, where the machine cannot hold a container to them; where it can, only those of other things than CPU and memory', () => {
    const computeResources = { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' } };
    const object = {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name: 'x', namespace: 'default' },
      spec: {
        taskSpec: { steps: [{ ...step, computeResources }], sidecars: [{ name: 's', image: 'db', computeResources }] },
        sidecarSpecs: [{ name: 's', computeResources }],
      },
    };
    const paths = (resourceLimits: boolean) => {
      const admitted = admit(object, config, { resourceLimits });
      return admitted.ok && admitted.warnings.map((warning) => warning.split(': ')[0]);
    };
    const places = ['spec.taskSpec.steps[0]', 'spec.taskSpec.sidecars[0]', 'spec.sidecarSpecs[0]'];
    expect(paths(false)).toEqual(places.map((place) => `${place}.computeResources`));
    expect(paths(true)).toEqual(places.map((place) => `${place}.computeResources.limits.ephemeral-storage`));
  });

  it('a listener with selectors and groups is honoured; an account of its own is not', () => {
    const template = { spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } }] } };
    const listener = (serviceAccountName?: string) => ({
      labelSelector: { matchLabels: { a: 'b' } },
      triggers: [{ name: 't', interceptors: [{ ref: { name: 'github' } }], template, ...(serviceAccountName && { serviceAccountName }) }],
    });
    const version = 'triggers.tekton.dev/v1beta1';
    expect(warnings(listener(), 'EventListener', version)).toEqual([]);
    expect(warnings(listener('deployer'), 'EventListener', version)).toEqual([
      expect.stringContaining('spec.triggers[0].serviceAccountName'),
    ]);
  });

  it('kinds that only a cluster acts on are kept as written, with a word about it', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [{ verbs: ['get'] }] };
    expect(admit(role, defaultEngineConfig)).toEqual({
      ok: true,
      object: role,
      warnings: ['Role is kept as it is: nothing on this server acts on it, only a cluster does'],
    });
  });
});
