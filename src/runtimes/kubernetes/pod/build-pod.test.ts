import { describe, expect, it } from 'vitest';
import { execProbe, pod as plan, type TestPod } from '../../../../test/contract/runtime-support.ts';
import { podSchema } from '../../../resources/core/pod/schema.ts';
import { buildPod } from './build-pod.ts';
import type { PodManifest } from './pod-manifest.ts';
import type { PodFacts, PodSettings } from './pod-settings.ts';

const settings: PodSettings = { toolsImage: 'tools', delivery: 'image-volume', restrictsOwnContainers: false, readOnlyRoot: false };
const labels = { 'tekton.dev/taskRun': 'run', 'tekton.dev/taskRunUID': 'u1', app: 'x' };

function build(testPod: Partial<TestPod>, more: Partial<PodSettings> = {}, facts: Partial<PodFacts> = {}): PodManifest {
  const planned = plan({ uid: 'u1-0', labels, annotations: {}, steps: [{ name: 'one', command: ['true'] }], ...testPod });
  const built = buildPod(planned, { ...settings, ...more }, { imageCommands: new Map(), ...facts });
  // Our own API would take it, and so would a client that reads it as JSON.
  expect(podSchema.safeParse(JSON.parse(JSON.stringify(built))).success).toBe(true);
  return built;
}

const argsOf = (built: PodManifest, index = 0): readonly string[] => built.spec.containers[index]?.args ?? [];

describe('buildPod', () => {
  it('names, labels and owns the pod as upstream does', () => {
    const { metadata, spec } = build({ deadlineSeconds: 5400, serviceAccountName: 'bot' });
    expect(metadata).toMatchObject({
      name: 'u1-0-pod',
      namespace: 'ci',
      labels: { ...labels, 'tappet.dev/pod-uid': 'u1-0' },
      ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name: 'run', uid: 'u1', controller: true }],
    });
    expect(spec).toMatchObject({ restartPolicy: 'Never', activeDeadlineSeconds: 5400, serviceAccountName: 'bot' });
    expect(spec.initContainers).toBeUndefined();
  });

  it('runs a command by the entrypoint, which knows the place among the steps', () => {
    const steps = [
      { name: 'one', command: ['go', 'test'], args: ['./...'], timeoutMs: 1500, onError: 'continue' as const, results: ['a', '../b'] },
      { name: 'two', sh: 'true', args: ['x'], workingDir: 'src', stdoutPath: '/tekton/results/r' },
    ];
    const built = build({ steps, results: ['r'] });
    expect(built.spec.containers[0]).toMatchObject({
      name: 'step-one',
      image: 'busybox',
      command: ['/tekton/bin/bin/busybox', 'sh', '/tekton/scripts/entrypoint'],
      terminationMessagePath: '/tekton/termination',
    });
    const common = ['-container', 'step-one', '-message_limit', '4096'];
    const own = ['-on_error', 'continue', '-timeout', '1.5', '-results', 'r', '-step_results', 'a'];
    expect(argsOf(built)).toEqual(['-index', '0', ...common, ...own, '--', 'go', 'test', './...']);
    expect(argsOf(built, 1).slice(-9)).toEqual([
      '-results',
      'r',
      '-stdout_path',
      '/tekton/results/r',
      '-dir',
      '/workspace/src',
      '--',
      '/tekton/scripts/script-1',
      'x',
    ]);
    expect(built.spec.containers[1]?.workingDir).toBeUndefined();
  });

  it('leaves each step a part of the room that Kubernetes has for last words', () => {
    const steps = Array.from({ length: 6 }, (_, index) => ({ name: `s${index}`, command: ['true'] }));
    expect(argsOf(build({ steps }))).toContain('2048');
  });

  it('takes the image’s command where a step has none', () => {
    const image = { entrypoint: ['/app'], cmd: ['serve'] };
    const ends = (step: object, found: { entrypoint: string[]; cmd: string[] }): readonly string[] =>
      argsOf(build({ steps: [{ name: 'one', ...step }] }, {}, { imageCommands: new Map([['step-one', found]]) })).slice(7);
    expect(ends({}, image)).toEqual(['/app', 'serve']);
    expect(ends({ args: ['x'] }, image)).toEqual(['/app', 'x']);
    expect(ends({ args: ['x'] }, { entrypoint: [], cmd: ['sh'] })).toEqual(['sh', 'x']);
  });

  it('lets only the step itself write to its own folders', () => {
    const mounts = build({}).spec.containers[0]?.volumeMounts;
    expect(mounts?.filter(({ name }) => /-(run|steps)$/.test(name))).toEqual([
      { name: 'tekton-internal-steps', mountPath: '/tekton/steps', readOnly: true },
      { name: 'tekton-internal-steps', mountPath: '/tekton/steps/step-one', subPath: 'step-one' },
      { name: 'tekton-internal-steps', mountPath: '/tekton/steps/0', subPath: '0' },
      { name: 'tekton-internal-run', mountPath: '/tekton/run', readOnly: true },
      { name: 'tekton-internal-run', mountPath: '/tekton/run/0', subPath: '0' },
    ]);
  });

  it('gives way to a mount of the step’s own', () => {
    const volumes = [{ name: 'v', type: 'emptyDir' } as const];
    const mounts = [{ volume: 'v', mountPath: '/workspace/', readOnly: false }];
    const built = build({ volumes, steps: [{ name: 'one', command: ['true'], mounts }] });
    const paths = built.spec.containers[0]?.volumeMounts?.map(({ name, mountPath }) => `${name} ${mountPath}`);
    expect(paths?.filter((text) => text.includes('/workspace'))).toEqual(['v /workspace/']);
  });

  it('writes scripts by annotations, and by an init container where they are too long', () => {
    const short = build({ steps: [{ name: 'one', sh: 'echo hi' }] });
    expect(short.metadata.annotations?.['tappet.dev/file-script-0']).toBe('#!/bin/sh\nset -e\necho hi\n');
    const volume = short.spec.volumes.find(({ name }) => name === 'tekton-internal-scripts');
    expect(volume).toMatchObject({
      downwardAPI: {
        defaultMode: 0o555,
        items: expect.arrayContaining([{ path: 'script-0', fieldRef: { fieldPath: "metadata.annotations['tappet.dev/file-script-0']" } }]),
      },
    });
    const long = build({ steps: [{ name: 'one', sh: '# '.padEnd(200_000, 'x') }] });
    expect(long.metadata.annotations).not.toHaveProperty('tappet.dev/file-script-0');
    expect(long.spec.initContainers?.map(({ name }) => name)).toEqual(['place-scripts']);
    expect(long.spec.volumes).toContainEqual({ name: 'tekton-internal-scripts', emptyDir: {} });
  });

  it('brings busybox as an image or by an init container, which the restricted standard lets pass', () => {
    const bin = (built: PodManifest): unknown => built.spec.volumes.find(({ name }) => name === 'tekton-internal-bin');
    expect(bin(build({}))).toMatchObject({ image: { reference: 'tools' } });
    const copied = build({}, { delivery: 'init-container', restrictsOwnContainers: true, readOnlyRoot: true });
    expect(bin(copied)).toEqual({ name: 'tekton-internal-bin', emptyDir: {} });
    expect(copied.spec.initContainers).toMatchObject([
      {
        name: 'prepare',
        image: 'tools',
        securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      },
    ]);
  });

  it('has each step request its part of the namespace’s default, and our own containers what the configuration says', () => {
    const limits = [{ type: 'Container', defaultRequest: { cpu: '1' } }];
    const limitRange = { apiVersion: 'v1' as const, kind: 'LimitRange' as const, metadata: { name: 'l' }, spec: { limits } };
    const steps = [
      { name: 'one', command: ['true'] },
      { name: 'two', command: ['true'], computeResources: { requests: { cpu: '3' } } },
    ];
    const containerDefaults = { default: { requests: { cpu: '10m' } }, prepare: { requests: { cpu: '5m' } } };
    const sidecars = [{ name: 'db', command: ['serve'] }];
    const { spec } = build({ steps, sidecars }, { delivery: 'init-container', containerDefaults }, { limitRanges: [limitRange] });
    expect(spec.containers.map(({ resources }) => resources)).toEqual([{ requests: { cpu: '500m' } }, { requests: { cpu: '3' } }]);
    expect(spec.initContainers?.map(({ resources }) => resources)).toEqual([{ requests: { cpu: '5m' } }, undefined]);
  });

  it('prints results in a container of their own where they go by its log', () => {
    const steps = [
      { name: 'one', command: ['true'], results: ['mine', 'a/b'] },
      { name: 'two', command: ['true'] },
    ];
    const built = build({ steps, results: ['r', '..'], resultsLog: { maxLineBytes: 5000 } }, { restrictsOwnContainers: true });
    const [one, , log] = built.spec.containers;
    expect(one?.args).toContain('-results_elsewhere');
    expect(log).toMatchObject({
      name: 'sidecar-tekton-log-results',
      image: 'tools',
      args: ['-index', '2', '-limit', '5000', '-results', 'r', '-step_results', 'step-one/mine', '-steps', 'step-one,step-two'],
      securityContext: { runAsNonRoot: true },
    });
    expect(log?.volumeMounts?.every(({ readOnly }) => readOnly)).toBe(true);
    expect(built.metadata.annotations).toHaveProperty('tappet.dev/file-results-log');
    expect(build({}).metadata.annotations).not.toHaveProperty('tappet.dev/file-results-log');
  });

  it('makes sidecars of Kubernetes’ own kind, which steps wait for until they are ready', () => {
    const sidecars = [{ name: 'db', sh: 'serve', readinessProbe: execProbe('true') }];
    const [sidecar] = build({ sidecars }).spec.initContainers ?? [];
    expect(sidecar).toMatchObject({
      name: 'sidecar-db',
      restartPolicy: 'Always',
      command: ['/tekton/scripts/sidecar-script-0'],
      readinessProbe: { exec: { command: ['sh', '-c', 'true'] }, periodSeconds: 10 },
      startupProbe: { exec: { command: ['sh', '-c', 'true'] }, failureThreshold: 1_000_000 },
    });
    const [hasty] = build({ sidecars, ignoresReadiness: true }).spec.initContainers ?? [];
    expect(hasty?.['startupProbe']).toBeUndefined();
  });

  it('passes the pod template on, but for what the plan has taken from it', () => {
    const podTemplate = { nodeSelector: { disk: 'ssd' }, env: [{ name: 'A' }], volumes: [{ name: 'v' }], hostNetwork: true };
    const { spec } = build({ podTemplate });
    expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, hostNetwork: true });
    expect([spec['env'], spec.volumes.some(({ name }) => name === 'v')]).toEqual([undefined, false]);
  });

  it('mounts credentials where the entrypoint copies them from', () => {
    const credentials = { secretName: 's', files: [{ key: 'file-0', path: '.ssh/config' }] };
    const built = build({}, {}, { credentials });
    expect(argsOf(built)).toContain('-credentials');
    expect(built.spec.volumes).toContainEqual({ name: 'tekton-creds', secret: { secretName: 's', items: credentials.files } });
  });
});
