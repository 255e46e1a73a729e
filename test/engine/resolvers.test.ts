import { describe, expect, it } from 'vitest';
import { type FakeAnswer, fakeResolver } from '../support/fake-resolver.ts';
import { field, PIPELINE_RUN, pipeline, REQUEST, ref, remoteRun, TASK_RUN, task } from './remote.ts';
import { pipelineRun, taskRun, taskSpec, world } from './world.ts';

const stepAction = (name: string, image: string): FakeAnswer => ({
  resource: { apiVersion: 'tekton.dev/v1beta1', kind: 'StepAction', metadata: { name }, spec: { image, command: ['true'] } },
});

describe('a TaskRun whose task is fetched', () => {
  it('waits, runs it, and says where it is from', async () => {
    const resolver = fakeResolver('fake', { build: { ...task('build'), digest: 'abc' } as FakeAnswer });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef: ref('build') }));
    const run = await made.get(TASK_RUN, 'r');
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(field(run, 'status', 'provenance', 'refSource')).toEqual({ uri: 'fake:build', digest: { sha256: 'abc' }, entryPoint: 'build' });
    expect(run?.metadata.labels).toMatchObject({ 'tekton.dev/task': 'build', from: 'afar' });
    expect(resolver.asked).toEqual(['build']);
    expect(await made.list(REQUEST)).toMatchObject([
      {
        metadata: { labels: { 'resolution.tekton.dev/type': 'fake' }, ownerReferences: [{ kind: 'TaskRun', name: 'r' }] },
        spec: { params: [{ name: 'name', value: 'build' }] },
        status: { conditions: [{ type: 'Succeeded', status: 'True' }], refSource: { digest: { sha256: 'abc' } } },
      },
    ]);
  });

  it('says meanwhile what it waits for, and goes with its question when it is deleted', async () => {
    const resolver = fakeResolver('fake', { slow: { hangs: true } });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef: ref('slow') }));
    expect(await made.outcome(TASK_RUN, 'r')).toBe('ResolvingTaskRef: TaskRun default/r awaiting remote resource');
    expect(resolver.open).toBe(1);
    await made.store.delete({ kind: TASK_RUN, namespace: 'default', name: 'r' });
    await made.settle();
    expect(await made.list(REQUEST)).toEqual([]);
    expect(resolver.open).toBe(0);
  });

  const bad: [string, FakeAnswer, string | RegExp][] = [
    [
      'is not there',
      { missing: 'nowhere' },
      /^TaskRunResolutionFailed: error requesting remote resource: error getting "Fake" "default\/fake-[0-9a-f]{32}": nowhere$/,
    ],
    [
      'is no YAML',
      { resource: 'a: [' },
      /^TaskRunResolutionFailed: error requesting remote resource: error getting "Fake" "default\/fake-\S+": resolved resource validation error: decoding error: /,
    ],
    [
      'is a Secret',
      { resource: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } } },
      /: resolved resource validation error: resolved data is not of a supported type, must be of Group: tekton.dev, Kinds: \[PipelineRun Pipeline TaskRun Task Run CustomRun StepAction\]$/,
    ],
    ['is a Pipeline', pipeline('p', [{ name: 'a', taskSpec }]), 'TaskRunResolutionFailed: resource is not a task'],
    [
      'has a field nobody knows',
      task('t', { ...taskSpec, stepz: [] }),
      /^TaskRunResolutionFailed: invalid runtime object: strict decoding error: unknown field "spec\.stepz"/,
    ],
    [
      'would be refused',
      task('t', { steps: [] }),
      'TaskValidationFailed: validation failed for referenced object t: admission webhook "validation.webhook.pipeline.tekton.dev" denied the request: validation failed: missing field(s): spec.steps',
    ],
    ['is larger than anything', { resource: ' '.repeat(1024 * 1024 + 1) }, /: what was fetched is larger than 1048576 bytes$/],
    [
      'is a bomb of aliases',
      {
        resource: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
          .split('')
          .map((key, i) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${'abcdefg'[i]}`).join(',')}]`)
          .join('\n')}`,
      },
      /decoding error: the document has more than 200000 values$/,
    ],
  ];
  it.each(bad)('fails when it %s', async (_, answer, outcome) => {
    const made = await world(undefined, { fetching: { resolvers: [fakeResolver('fake', { it: answer })] } });
    await made.apply(taskRun('r', { taskRef: ref('it') }));
    const told = await made.outcome(TASK_RUN, 'r');
    if (typeof outcome === 'string') expect(told).toBe(outcome);
    else expect(told).toMatch(outcome);
  });

  it.each([
    [
      'no such params',
      { resolver: 'fake', params: [] },
      /invalid resource request "default\/fake-\S+": missing required fake resolver params: name$/,
    ],
    [
      'a cache mode nobody knows',
      ref('it', [{ name: 'cache', value: 'maybe' }]),
      /invalid resource request "default\/fake-\S+": invalid cache mode 'maybe', must be one of: \[always never auto\] \(or empty for default\)$/,
    ],
    [
      'a resolver that cannot be one',
      { resolver: 'No/Such', params: [] },
      /^TaskRunResolutionFailed: error requesting remote resource: ResolutionRequest\.resolution\.tekton\.dev "No\/Such-[0-9a-f]{32}" is invalid/,
    ],
  ])('fails at once on %s', async (_, taskRef, outcome) => {
    const resolver = fakeResolver('fake', { it: task('t') });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef }));
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(outcome);
    expect(resolver.asked).toEqual([]);
  });

  it('asks nothing while it is pending, cancelled or another’s', async () => {
    const resolver = fakeResolver('fake', { it: task('t') });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(
      taskRun('pending', { taskRef: ref('it'), status: 'TaskRunPending' }),
      taskRun('foreign', { taskRef: ref('it'), managedBy: 'somebody.else/x' }),
      remoteRun('waits', 'it', { status: 'PipelineRunPending' }),
      remoteRun('foreign', 'it', { managedBy: 'somebody.else/x' }),
    );
    expect(await made.list(REQUEST)).toEqual([]);
    expect(await made.outcome(PIPELINE_RUN, 'waits')).toBe('PipelineRunPending: PipelineRun "waits" is pending');
    await made.store.patch({ kind: TASK_RUN, namespace: 'default', name: 'pending' }, { spec: { status: null } });
    await made.settle();
    expect(await made.outcome(TASK_RUN, 'pending')).toMatch(/^Succeeded: /);
    expect(resolver.asked).toEqual(['it']);
  });

  it('cancelled while it waits, it ends', async () => {
    const made = await world(undefined, { fetching: { resolvers: [fakeResolver('fake', { slow: { hangs: true } })] } });
    await made.apply(taskRun('r', { taskRef: ref('slow') }));
    await made.store.patch({ kind: TASK_RUN, namespace: 'default', name: 'r' }, { spec: { status: 'TaskRunCancelled' } });
    await made.settle();
    expect(await made.outcome(TASK_RUN, 'r')).toBe(
      'TaskRunCancelled: TaskRun "r" was cancelled. \nPrevious status: [ResolvingTaskRef] TaskRun default/r awaiting remote resource',
    );
  });
});

describe('flags', () => {
  it('a reference that names nothing goes to the default resolver', async () => {
    const resolver = fakeResolver('fake', { it: task('t') });
    const made = await world(undefined, { config: { 'default-resolver-type': 'fake' }, fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef: { params: [{ name: 'name', value: 'it' }] } }));
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/^Succeeded: /);
  });

  it('a name that is a URL goes along where the concise syntax is on', async () => {
    const made = await world(undefined, { config: { 'enable-concise-resolver-syntax': true, 'enable-api-fields': 'alpha' } });
    await made.apply(
      taskRun('r', { params: [{ name: 'v', value: '1' }], taskRef: { resolver: 'own', name: 'https://x.test/$(params.v).yaml' } }),
      pipelineRun('p', { tasks: [{ name: 'a', taskRef: { resolver: 'own', name: 'git+https://x.test/y' } }] }),
    );
    const urls = (await made.list(REQUEST)).map((request) => field(request, 'spec', 'url'));
    expect(urls.toSorted()).toEqual(['git+https://x.test/y', 'https://x.test/1.yaml']);
    await made.advance(60_000);
    const late = 'error requesting remote resource: resolution took longer than global timeout of 1m0s';
    expect(await made.outcome(TASK_RUN, 'r')).toBe(`TaskRunResolutionFailed: error when listing tasks for taskRun r: ${late}`);
    expect(await made.outcome(PIPELINE_RUN, 'p')).toBe(
      `CouldntGetTask: Pipeline default/p can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task "git+https://x.test/y": ${late}`,
    );
  });
});

describe('StepActions that are fetched', () => {
  it('say where they are from, before and behind the step’s end', async () => {
    const resolver = fakeResolver('fake', { one: stepAction('one', 'a'), two: stepAction('two', 'b') });
    const made = await world(() => ({ afterMs: 1_000 }), { fetching: { resolvers: [resolver] } });
    const steps = [
      { name: 'first', ref: ref('$(params.which)') },
      { name: 'plain', image: 'c', command: ['true'] },
      { name: 'second', ref: ref('two') },
    ];
    const params = [{ name: 'which', value: 'one' }];
    await made.apply(taskRun('r', { params, taskSpec: { params: [{ name: 'which' }], steps } }));
    for (let n = 0; n < 4; n++) await made.advance(1_000);
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/^Succeeded: /);
    const status = field(await made.get(TASK_RUN, 'r'), 'status') as {
      steps: { name: string; provenance?: { refSource?: { uri: string } } }[];
    };
    expect(status.steps.map(({ name, provenance }) => [name, provenance?.refSource?.uri])).toEqual([
      ['first', 'fake:one'],
      ['plain', undefined],
      ['second', 'fake:two'],
    ]);
    expect(field(await made.get(TASK_RUN, 'r'), 'status', 'taskSpec', 'steps')).toMatchObject([
      { image: 'a' },
      { image: 'c' },
      { image: 'b' },
    ]);
  });

  it('are asked for a few at a time, and one that is no StepAction fails the run', async () => {
    const hanging = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`s${index}`, { hangs: true } as const]));
    const resolver = fakeResolver('fake', hanging, { concurrency: 100 });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskSpec: { steps: Object.keys(hanging).map((name) => ({ name, ref: ref(name) })) } }));
    expect(await made.outcome(TASK_RUN, 'r')).toBe('ResolvingStepActionRef: TaskRun default/r awaiting remote StepAction');
    expect(resolver.open).toBe(5);

    resolver.answer('task', task('t'));
    resolver.answer('bad', { resource: { apiVersion: 'tekton.dev/v1beta1', kind: 'StepAction', metadata: { name: 'b' }, spec: {} } });
    await made.apply(
      taskRun('kind', { taskSpec: { steps: [{ name: 'x', ref: ref('task') }] } }),
      taskRun('invalid', { taskSpec: { steps: [{ name: 'x', ref: ref('bad') }] } }),
    );
    expect(await made.outcome(TASK_RUN, 'kind')).toBe(
      'TaskRunResolutionFailed: failed to resolve step ref for step "x" (index 0): resource is not a StepAction',
    );
    expect(await made.outcome(TASK_RUN, 'invalid')).toMatch(
      /^TaskValidationFailed: failed to resolve step ref for step "x" \(index 0\): validation failed for referenced object b: .*missing field\(s\): spec.Image$/,
    );
  });
});

describe('a PipelineRun whose pipeline is fetched', () => {
  it('takes over its labels and annotations, and says where it is from', async () => {
    const resolver = fakeResolver('fake', { p: pipeline('release', [{ name: 'a', taskRef: ref('build') }]), build: task('build') });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(remoteRun('r', 'p'));
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    const run = await made.get(PIPELINE_RUN, 'r');
    expect(run?.metadata).toMatchObject({ labels: { 'tekton.dev/pipeline': 'release' }, annotations: { a: 'b' } });
    expect(field(run, 'status', 'provenance', 'refSource')).toEqual({ uri: 'fake:p', digest: { sha256: 'd0' }, entryPoint: 'p' });
    // The TaskRun finds what the PipelineRun has asked for.
    expect(resolver.asked).toEqual(['p', 'build']);
    expect(field(await made.get(TASK_RUN, 'r-a'), 'spec', 'taskRef')).toEqual(ref('build'));
    expect(field(await made.get(TASK_RUN, 'r-a'), 'status', 'provenance', 'refSource', 'uri')).toBe('fake:build');
  });

  it('says what it waits for: the pipeline, then its tasks', async () => {
    const resolver = fakeResolver('fake', { p: { hangs: true } });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(remoteRun('r', 'p'));
    expect(await made.outcome(PIPELINE_RUN, 'r')).toBe('ResolvingPipelineRef: PipelineRun default/r awaiting remote resource');
    resolver.answer('q', pipeline('release', [{ name: 'a', taskRef: ref('p') }]));
    await made.apply(remoteRun('s', 'q'));
    expect(await made.outcome(PIPELINE_RUN, 's')).toBe('ResolvingTaskRef: PipelineRun default/s awaiting remote resource');
    // What is known already is in the status, and stays whatever becomes of its source.
    expect(field(await made.get(PIPELINE_RUN, 's'), 'status', 'pipelineSpec', 'tasks')).toMatchObject([{ name: 'a' }]);
    expect(field(await made.get(PIPELINE_RUN, 's'), 'status', 'provenance', 'refSource', 'uri')).toBe('fake:q');
    expect((await made.get(PIPELINE_RUN, 's'))?.metadata.labels).toMatchObject({ 'tekton.dev/pipeline': 'release' });
  });

  const bad: [string, FakeAnswer, string | RegExp][] = [
    [
      'is not there',
      { missing: 'nowhere' },
      /^CouldntGetPipeline: Error retrieving pipeline for pipelinerun default\/r: resolver failed to get Pipeline : error requesting remote resource: error getting "Fake" "default\/fake-[0-9a-f]{32}": nowhere$/,
    ],
    [
      'is a Task',
      task('t'),
      'CouldntGetPipeline: Error retrieving pipeline for pipelinerun default/r: failed to read runtime object as Pipeline: resource is not a pipeline',
    ],
    [
      'has a field nobody knows',
      pipeline('p', [{ name: 'a', taskz: 1, taskSpec }]),
      /^CouldntGetPipeline: Error retrieving pipeline for pipelinerun default\/r: resolver failed to get Pipeline : invalid runtime object: strict decoding error: unknown field "spec\.tasks\[0\]\.taskz"/,
    ],
    [
      'would be refused',
      pipeline('p', []),
      'PipelineValidationFailed: Failed dryRunValidation for PipelineRun r: [User error] failed to read runtime object as Pipeline: validation failed for referenced object p: admission webhook "validation.webhook.pipeline.tekton.dev" denied the request: validation failed: expected at least one, got none: spec.description, spec.params, spec.resources, spec.tasks, spec.workspaces',
    ],
    [
      'has a task that is not there',
      pipeline('p', [{ name: 'a', taskRef: ref('gone') }]),
      /^CouldntGetTask: Pipeline default\/ can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task "resolver type fake\\nname = gone\\n": error requesting remote resource: error getting "Fake" "default\/fake-[0-9a-f]{32}": there is no gone$/,
    ],
  ];
  it.each(bad)('fails when it %s', async (_, answer, outcome) => {
    const made = await world(undefined, { fetching: { resolvers: [fakeResolver('fake', { it: answer })] } });
    await made.apply(remoteRun('r', 'it'));
    const told = await made.outcome(PIPELINE_RUN, 'r');
    if (typeof outcome === 'string') expect(told).toBe(outcome);
    else expect(told).toMatch(outcome);
  });

  it('reads what is of an older version', async () => {
    const old = {
      resource: {
        apiVersion: 'tekton.dev/v1beta1',
        kind: 'Pipeline',
        metadata: { name: 'old' },
        spec: { tasks: [{ name: 'a', taskSpec: { steps: [{ image: 'i', command: ['true'], resources: { limits: { cpu: 1 } } }] } }] },
      },
    };
    const made = await world(undefined, { fetching: { resolvers: [fakeResolver('fake', { old })] } });
    await made.apply(remoteRun('r', 'old'));
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(JSON.stringify(field(await made.get(PIPELINE_RUN, 'r'), 'status', 'pipelineSpec'))).toContain('computeResources');
  });

  it('asks with its own params replaced, in the order that they were written', async () => {
    const resolver = fakeResolver('fake', {
      'p-1': pipeline('p', [{ name: 'a', taskRef: ref('$(params.v)-$(context.pipelineRun.name)') }]),
    });
    resolver.answer('1-r', task('t'));
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    const params = [{ name: 'v', value: '1' }];
    const declared = pipeline('p', [{ name: 'a', taskRef: ref('$(params.v)-$(context.pipelineRun.name)') }]) as {
      resource: { spec: object };
    };
    resolver.answer('p-1', { resource: { ...declared.resource, spec: { ...declared.resource.spec, params: [{ name: 'v' }] } } });
    await made.apply(remoteRun('r', 'p-$(params.v)', { params }));
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(resolver.asked).toEqual(['p-1', '1-r']);
  });

  it('all of a matrix run what the run has seen, though it changes meanwhile', async () => {
    const resolver = fakeResolver('fake', { build: task('build', { params: [{ name: 'n' }], ...taskSpec }) });
    const made = await world(() => ({ afterMs: 1_000 }), { fetching: { resolvers: [resolver] } });
    const matrix = { params: [{ name: 'n', value: ['a', 'b', 'c'] }] };
    await made.apply(pipelineRun('r', { tasks: [{ name: 'm', matrix, taskRef: ref('build') }] }));
    resolver.answer('build', { missing: 'moved away' });
    await made.advance(1_000);
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(made.begun.toSorted()).toEqual(['r-m-0-pod', 'r-m-1-pod', 'r-m-2-pod']);
    expect(resolver.asked).toEqual(['build']);
  });
});
