import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunSpec } from '../resources/task-run/schema.ts';
import { planPod } from './plan-pod.ts';
import type { PodPlan } from './pod-plan.ts';

function taskRun(spec: TaskRunSpec = {}): TaskRun {
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run', namespace: 'ns', uid: 'u' }, spec };
}

function plan(spec: TaskSpec, runSpec: TaskRunSpec = {}, attempt = 0): PodPlan {
  const planned = planPod(taskRun(runSpec), spec, defaultEngineConfig, attempt);
  if (!planned.ok) throw new Error(planned.message);
  return planned.plan;
}

function refusal(spec: TaskSpec, runSpec: TaskRunSpec = {}): string {
  const planned = planPod(taskRun(runSpec), spec, defaultEngineConfig, 0);
  return planned.ok ? 'accepted' : planned.message;
}

const step = { name: 's', image: 'alpine' };

describe('names', () => {
  it('numbers unnamed containers by their place', () => {
    const { steps, sidecars } = plan({ steps: [step, { image: 'a' }, { image: 'b' }], sidecars: [{ name: 'db', image: 'c' }] });
    expect([...steps, ...sidecars].map(({ name, container }) => [name, container])).toEqual([
      ['s', 'step-s'],
      ['unnamed-1', 'step-unnamed-1'],
      ['unnamed-2', 'step-unnamed-2'],
      ['db', 'sidecar-db'],
    ]);
  });

  it('cuts container names to a DNS label', () => {
    const [only] = plan({ steps: [{ name: `${'x'.repeat(57)}-yz`, image: 'a' }] }).steps;
    expect(only?.container).toBe(`step-${'x'.repeat(57)}`);
  });

  it.each([
    [0, 'run-pod', 'u-0'],
    [1, 'run-pod-retry1', 'u-1'],
    [12, 'run-pod-retry12', 'u-12'],
  ])('attempt %d runs in %s', (attempt, name, uid) => {
    expect(plan({ steps: [step] }, {}, attempt)).toMatchObject({ name, uid });
  });
});

describe('steps', () => {
  it.each([
    ['echo', '#!/bin/sh\nset -e\necho'],
    ['#!/bin/bash\necho', '#!/bin/bash\necho'],
    ['\n  #!/bin/bash\necho', '\n  #!/bin/bash\necho'],
    ['# no shebang', '#!/bin/sh\nset -e\n# no shebang'],
  ])('script %j becomes %j', (script, file) => {
    expect(plan({ steps: [{ ...step, script }] }).steps[0]?.script).toBe(file);
  });

  it('lets a script win over the command of the template', () => {
    const [only] = plan({ stepTemplate: { command: ['x'] }, steps: [{ ...step, script: '#!/x', args: ['a'] }] }).steps;
    expect(only).toMatchObject({ script: '#!/x', args: ['a'] });
    expect(only).not.toHaveProperty('command');
  });

  it('merges the template', () => {
    const [first, second] = plan({
      stepTemplate: {
        image: 'base',
        command: ['run'],
        args: ['x'],
        workingDir: '/w',
        env: [
          { name: 'A', value: 'template' },
          { name: 'B', value: 'template' },
        ],
        volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'sub' }],
        computeResources: { limits: { cpu: '1', memory: '1Gi' } },
        securityContext: { runAsUser: 1, privileged: true },
      },
      steps: [
        {
          name: 'a',
          args: [],
          env: [
            { name: 'B', value: 'step' },
            { name: 'C', value: 'step' },
          ],
          volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
          computeResources: { limits: { cpu: '2' } },
          securityContext: { runAsUser: 2 },
        },
        { name: 'b', image: 'own', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    }).steps;
    expect(first).toMatchObject({
      image: 'base',
      command: ['run'],
      args: [],
      workingDir: '/w',
      env: [
        { name: 'B', value: 'step' },
        { name: 'C', value: 'step' },
        { name: 'A', value: 'template' },
      ],
      mounts: [{ volume: 'v', mountPath: '/v', subPath: 'sub', readOnly: true }],
      computeResources: { limits: { cpu: '2', memory: '1Gi' } },
      securityContext: { runAsUser: 2, privileged: true },
    });
    expect(second).toMatchObject({
      image: 'own',
      env: [
        { name: 'A', secret: { name: 's', key: 'k', optional: false } },
        { name: 'B', value: 'template' },
      ],
    });
  });

  it('carries what a runtime needs of each step', () => {
    const [only] = plan(
      {
        steps: [
          {
            ...step,
            timeout: '1m30s',
            onError: 'continue',
            results: [{ name: 'r' }],
            when: [{ input: 'a', operator: 'in', values: ['a'] }],
            stdoutConfig: { path: '/out' },
            stderrConfig: { path: '/err' },
            args: ['$(credentials.path)'],
            env: [
              { name: 'A' },
              { name: 'M', valueFrom: { configMapKeyRef: { name: 'm', key: 'k', optional: true } } },
              { name: 'P', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
            envFrom: [{ prefix: 'X_', secretRef: { name: 's' } }, { configMapRef: { name: 'm', optional: true } }],
          },
        ],
        results: [{ name: 'file' }, { name: 'taken', value: '$(steps.s.results.r)' }],
      },
      { podTemplate: { env: [{ name: 'A', value: 'pod' }] } },
    ).steps;
    expect(only).toEqual({
      name: 's',
      container: 'step-s',
      image: 'alpine',
      args: ['/tekton/creds'],
      env: [
        { name: 'A', value: '' },
        { name: 'M', configMap: { name: 'm', key: 'k', optional: true } },
        { name: 'P', fieldPath: 'metadata.name' },
        { name: 'A', value: 'pod' },
      ],
      envFrom: [
        { prefix: 'X_', secret: { name: 's', optional: false } },
        { prefix: '', configMap: { name: 'm', optional: true } },
      ],
      mounts: [],
      timeoutMs: 90_000,
      onError: 'continue',
      results: ['r'],
      when: [{ input: 'a', operator: 'in', values: ['a'] }],
      stdoutPath: '/out',
      stderrPath: '/err',
    });
  });

  it('has no timeout where it is 0, and lists only results that are files', () => {
    const planned = plan({
      steps: [{ ...step, timeout: '0s' }],
      results: [{ name: 'file' }, { name: 'taken', value: '$(steps.s.results.r)' }],
    });
    expect(planned.steps[0]).not.toHaveProperty('timeoutMs');
    expect(planned.results).toEqual(['file']);
  });

  it('asks for a log of results where they are to come by one, and there can be any', () => {
    const config = { ...defaultEngineConfig, 'results-from': 'sidecar-logs', 'max-result-size': 9000 } as const;
    const planned = (spec: TaskSpec): PodPlan['resultsLog'] => {
      const answer = planPod(taskRun(), spec, config, 0);
      return answer.ok ? answer.plan.resultsLog : undefined;
    };
    expect(planned({ results: [{ name: 'r' }], steps: [step] })).toEqual({ maxLineBytes: 9000 });
    expect([planned({ steps: [step] }), plan({ results: [{ name: 'r' }], steps: [step] }).resultsLog]).toEqual([undefined, undefined]);
  });

  it("shares the run's resources among the steps, whatever these ask for", () => {
    const planned = plan(
      { steps: [{ ...step, computeResources: { limits: { cpu: '9' } } }, { image: 'b' }] },
      { computeResources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } } },
    );
    const share = { requests: { cpu: '500m' }, limits: { memory: '1Gi' } };
    expect(planned.steps.map(({ computeResources }) => computeResources)).toEqual([share, share]);
  });

  it("takes the run's resources over the step's", () => {
    const [only] = plan(
      { steps: [{ ...step, computeResources: { limits: { cpu: '1' }, requests: { cpu: '1' } } }] },
      { stepSpecs: [{ name: 's', computeResources: { requests: { memory: '1Gi' } } }] },
    ).steps;
    expect(only?.computeResources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '1', memory: '1Gi' } });
  });
});

describe('workspaces', () => {
  const workspaces = [{ name: 'source' }, { name: 'config', mountPath: '/etc/config', readOnly: true }, { name: 'absent', optional: true }];

  it('become volumes and mounts of every container', () => {
    const planned = plan(
      {
        steps: [step],
        sidecars: [{ name: 'db', image: 'x' }],
        workspaces,
        volumes: [{ name: 'own', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
      },
      {
        workspaces: [
          { name: 'source', persistentVolumeClaim: { claimName: 'claim', readOnly: true }, subPath: 'a/b' },
          { name: 'config', configMap: { name: 'map', items: [{ key: 'k', path: 'p' }], defaultMode: 256 } },
        ],
        podTemplate: {
          volumes: [
            { name: 'extra', hostPath: { path: '/x' } },
            { name: 'rules', image: { reference: 'r:1' } },
            { name: 'unnamed', image: {} },
          ],
        },
      },
    );
    expect(planned.volumes).toEqual([
      { type: 'emptyDir', name: 'own', medium: 'Memory', sizeLimit: '1Gi' },
      { type: 'persistentVolumeClaim', name: 'ws-1bcf2', claimName: 'claim', readOnly: true },
      { type: 'configMap', name: 'ws-23ff6', source: { name: 'map', items: [{ key: 'k', path: 'p' }], optional: false, defaultMode: 256 } },
      { type: 'hostPath', name: 'extra', path: '/x', kind: '' },
      { type: 'image', name: 'rules', reference: 'r:1' },
      { type: 'image', name: 'unnamed', reference: '' },
    ]);
    const mounts = [
      { volume: 'ws-1bcf2', mountPath: '/workspace/source', subPath: 'a/b', readOnly: false },
      { volume: 'ws-23ff6', mountPath: '/etc/config', readOnly: true },
    ];
    expect(planned.steps[0]?.mounts).toEqual(mounts);
    expect(planned.sidecars[0]?.mounts).toEqual(mounts);
  });

  it('are seen only by those that name them, once one does', () => {
    const planned = plan(
      {
        steps: [{ ...step, workspaces: [{ name: 'source', mountPath: '/src' }] }, { image: 'a' }],
        sidecars: [{ name: 'db', image: 'x' }],
        workspaces,
      },
      {
        workspaces: [
          { name: 'source', emptyDir: {} },
          { name: 'config', emptyDir: {} },
        ],
      },
    );
    expect(planned.steps.map(({ mounts }) => mounts.map(({ mountPath }) => mountPath))).toEqual([['/src', '/etc/config'], ['/etc/config']]);
    expect(planned.sidecars[0]?.mounts.map(({ mountPath }) => mountPath)).toEqual(['/etc/config']);
  });

  it('share one volume when they share a claim', () => {
    const planned = plan(
      { steps: [step], workspaces: [{ name: 'a' }, { name: 'b' }] },
      {
        workspaces: [
          { name: 'a', persistentVolumeClaim: { claimName: 'c' }, subPath: 'x' },
          { name: 'b', persistentVolumeClaim: { claimName: 'c' }, subPath: 'y' },
        ],
      },
    );
    expect(planned.volumes).toEqual([{ type: 'persistentVolumeClaim', name: 'ws-e40c2', claimName: 'c', readOnly: false }]);
    expect(planned.steps[0]?.mounts.map(({ volume, subPath }) => [volume, subPath])).toEqual([
      ['ws-e40c2', 'x'],
      ['ws-e40c2', 'y'],
    ]);
  });

  it('may take params in their bindings', () => {
    const planned = plan(
      { steps: [step], params: [{ name: 'p', type: 'string', default: 'dflt' }], workspaces: [{ name: 'a' }] },
      {
        workspaces: [{ name: 'a', secret: { secretName: 'x-$(params.p)' }, subPath: '$(params.q)' }],
        params: [{ name: 'q', value: 'dir' }],
      },
    );
    expect(planned.volumes).toEqual([{ type: 'secret', name: 'ws-e40c2', source: { name: 'x-dflt', optional: false } }]);
    expect(planned.steps[0]?.mounts[0]?.subPath).toBe('dir');
  });

  it('can be projected', () => {
    const sources = [{ configMap: { name: 'm' } }, { secret: { name: 's', optional: true } }, { serviceAccountToken: { path: 't' } }];
    const { volumes } = plan({ steps: [step] }, { workspaces: [{ name: 'a', projected: { sources } }] });
    expect(volumes).toEqual([
      {
        type: 'projected',
        name: 'ws-e40c2',
        sources: [
          { type: 'configMap', source: { name: 'm', optional: false } },
          { type: 'secret', source: { name: 's', optional: true } },
          { type: 'other', raw: { serviceAccountToken: { path: 't' } } },
        ],
      },
    ]);
  });
});

it("takes variables from wherever Kubernetes has them, the pod template's last", () => {
  const env = [
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'C', valueFrom: { fileKeyRef: { path: 'f', volumeName: 'v', key: 'k' } } },
  ];
  const { steps } = plan({ steps: [{ ...step, env }] }, { podTemplate: { env: [{ name: 'A', value: 'theirs' }] } });
  expect(steps[0]?.env).toEqual([
    { name: 'A', resource: { resource: 'limits.cpu', divisor: '1m' } },
    { name: 'B', fieldPath: 'metadata.name' },
    { name: 'C', other: 'fileKeyRef', raw: { path: 'f', volumeName: 'v', key: 'k' } },
    { name: 'A', value: 'theirs' },
  ]);
});

it('mounts below a path with variables in it, and hands on block devices', () => {
  const volumeMounts = [{ name: 'v', mountPath: '/v', subPathExpr: '$(POD)/x' }];
  const volumeDevices = [{ name: 'v', devicePath: '/dev/x' }];
  const { steps } = plan({ steps: [{ ...step, volumeMounts, volumeDevices }], volumes: [{ name: 'v', emptyDir: {} }] });
  expect(steps[0]).toMatchObject({ mounts: [{ volume: 'v', subPathExpr: '$(POD)/x' }], devices: volumeDevices });
});

describe('refusals', () => {
  it('a subPath given twice, and one with variables that climbs', () => {
    const refused = (mount: object): string =>
      refusal({ steps: [{ ...step, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }], volumes: [{ name: 'v', emptyDir: {} }] });
    const at = 'steps[0].volumeMounts[0].subPathExpr: Invalid value:';
    expect(refused({ subPath: 'a', subPathExpr: '$(B)' })).toBe(`${at} "$(B)": subPathExpr and subPath are mutually exclusive`);
    expect(refused({ subPathExpr: '$(A)/..' })).toBe(`${at} "$(A)/..": must be a relative path and must not contain '..'`);
  });

  it.each([
    ['../up', 'steps[0].volumeMounts[0].subPath: Invalid value: "../up": must be a relative path and must not contain \'..\''],
    ['a/../../up', 'steps[0].volumeMounts[0].subPath: Invalid value: "a/../../up": must be a relative path and must not contain \'..\''],
    ['/abs', 'steps[0].volumeMounts[0].subPath: Invalid value: "/abs": must be a relative path and must not contain \'..\''],
    ['a..b', 'accepted'],
  ])('a workspace below %s', (subPath, message) => {
    expect(refusal({ steps: [step], workspaces: [{ name: 'w' }] }, { workspaces: [{ name: 'w', emptyDir: {}, subPath }] })).toBe(message);
  });

  it('a path that climbs, a volume that is not there, one that is there twice, a step without image', () => {
    const volumes = [{ name: 'v', emptyDir: {} }];
    expect(refusal({ steps: [{ ...step, volumeMounts: [{ name: 'v', mountPath: '/a/../b' }] }], volumes })).toBe(
      'steps[0].volumeMounts[0].mountPath: Invalid value: "/a/../b": must not contain \'..\'',
    );
    expect(refusal({ steps: [{ ...step, volumeMounts: [{ name: 'x', mountPath: '/a' }] }], volumes })).toBe(
      'steps[0].volumeMounts[0].name: Not found: "x"',
    );
    expect(refusal({ steps: [step], volumes: [...volumes, ...volumes] })).toBe('multiple volumes with same name "v"');
    expect(refusal({ steps: [step, { name: 'x' }] })).toBe('missing field(s): steps[1].image');
  });
});

describe('the pod template', () => {
  const params = [
    { name: 'arch', value: 'arm64' },
    { name: 'host', value: 'db.local' },
    { name: 'label', value: 'kubernetes.io/arch' },
  ];

  it('gets params wherever it has text', () => {
    const { podTemplate } = plan(
      { steps: [step] },
      {
        params,
        podTemplate: {
          nodeSelector: { '$(params.label)': '$(params.arch)' },
          hostAliases: [{ ip: '10.0.0.1', hostnames: ['$(params.host)', 'plain'] }],
          dnsPolicy: 'None',
          dnsConfig: { searches: ['$(params.host)'], options: [{ name: 'ndots', value: '$(params.unknown)' }] },
          imagePullSecrets: [{ name: '$(params.host)' }],
          affinity: { podAffinity: { required: [{ topologyKey: '$(params.label)' }] } },
          hostNetwork: true,
          securityContext: { runAsUser: 1000, supplementalGroups: [1] },
        },
      },
    );
    expect(podTemplate).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['db.local', 'plain'] }],
      dnsPolicy: 'None',
      dnsConfig: { searches: ['db.local'], options: [{ name: 'ndots', value: '$(params.unknown)' }] },
      imagePullSecrets: [{ name: 'db.local' }],
      affinity: { podAffinity: { required: [{ topologyKey: 'kubernetes.io/arch' }] } },
      hostNetwork: true,
      securityContext: { runAsUser: 1000, supplementalGroups: [1] },
    });
  });

  it('gets them in the names of variables, and in a volume only where a task’s volume has them', () => {
    const { podTemplate } = plan(
      { steps: [step] },
      {
        params,
        podTemplate: {
          env: [{ name: '$(params.arch)', valueFrom: { fieldRef: { fieldPath: "metadata.labels['$(params.label)']" } } }],
          volumes: [
            { name: 'v', hostPath: { path: '/$(params.host)' } },
            { name: 'c', configMap: { name: '$(params.host)' } },
          ],
        },
      },
    );
    expect(podTemplate).toEqual({
      env: [{ name: 'arm64', valueFrom: { fieldRef: { fieldPath: "metadata.labels['kubernetes.io/arch']" } } }],
      volumes: [
        { name: 'v', hostPath: { path: '/$(params.host)' } },
        { name: 'c', configMap: { name: 'db.local' } },
      ],
    });
  });

  it('keeps a label that is called as what objects inherit', () => {
    const { podTemplate } = plan(
      { steps: [step] },
      { params: [{ name: 'p', value: '__proto__' }], podTemplate: { nodeSelector: { '$(params.p)': 'x' } } },
    );
    expect(Object.entries(podTemplate?.nodeSelector ?? {})).toEqual([['__proto__', 'x']]);
  });
});

it('shares a node with the pods that upstream would tie to the same placeholder', () => {
  const grouped = taskRun();
  grouped.metadata.annotations = { 'pipeline.tekton.dev/affinity-assistant': 'affinity-assistant-0' };
  const groupBy = (coschedule: 'workspaces' | 'isolate-pipelinerun'): unknown => {
    const planned = planPod(grouped, { steps: [step] }, { ...defaultEngineConfig, coschedule }, 0);
    return planned.ok && planned.plan.nodeGroup;
  };
  expect(groupBy('workspaces')).toEqual({ name: 'affinity-assistant-0', isolated: false });
  expect(groupBy('isolate-pipelinerun')).toEqual({ name: 'affinity-assistant-0', isolated: true });
  expect(plan({ steps: [step] }).nodeGroup).toBeUndefined();
});
