import { describe, expect, it } from 'vitest';
import type { Stored } from '../../src/resources/object.ts';
import { type FakeAnswer, fakeResolver } from '../support/fake-resolver.ts';
import { field, PIPELINE_RUN, pipeline, REQUEST, ref, remoteRun, TASK_RUN, task } from './remote.ts';
import { pipelineRun, taskRun, taskSpec, type World, world } from './world.ts';

describe('time', () => {
  it('a resolver that hangs holds up its own kind only, and its run until the time is up', async () => {
    const hanging = fakeResolver(
      'hanging',
      Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`h${n}`, { hangs: true, deaf: true } as const])),
    );
    const quick = fakeResolver('fake', { it: task('t') });
    const made = await world(undefined, { fetching: { resolvers: [hanging, quick] } });
    const hung = (name: string) => taskRun(name, { taskRef: { resolver: 'hanging', params: [{ name: 'name', value: name }] } });
    await made.apply(...Array.from({ length: 9 }, (_, n) => hung(`h${n}`)), taskRun('r', { taskRef: ref('it') }));
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(hanging.open).toBe(4);
    await made.advance(59_000);
    expect(await made.outcome(TASK_RUN, 'h0')).toMatch(/^ResolvingTaskRef: /);
    await made.advance(1_000);
    const late = 'TaskRunResolutionFailed: error requesting remote resource: resolution took longer than global timeout of 1m0s';
    expect(await made.outcome(TASK_RUN, 'h0')).toBe(late);
    // Those that waited for their turn have the whole time from then on.
    expect(await made.outcome(TASK_RUN, 'h8')).toMatch(/^ResolvingTaskRef: /);
    await made.advance(60_000);
    await made.advance(60_000);
    expect(await made.outcome(TASK_RUN, 'h8')).toBe(late);
  });

  it('an attempt that takes too long is made again until the time is up, and the last trouble is told', async () => {
    const resolver = fakeResolver('fake', { slow: { hangs: true } }, { timeoutMs: () => 5_000 });
    const made = await world(undefined, { config: { 'default-maximum-resolution-timeout': '20s' }, fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef: ref('slow') }));
    for (let n = 0; n < 20; n++) await made.advance(1_000);
    expect(resolver.asked.length).toBeGreaterThan(2);
    expect(await made.outcome(TASK_RUN, 'r')).toBe(
      'TaskRunResolutionFailed: error requesting remote resource: resolution took longer than global timeout of 20s',
    );
  });

  it('a server in trouble is asked again after a pause, as often as its settings say', async () => {
    const backoff = { durationMs: 2_000, factor: 2, steps: 3, capMs: 10_000 };
    const answers = { twice: { trouble: 2, afterwards: task('t') }, ever: { trouble: 9, afterwards: task('t') } };
    const resolver = fakeResolver('fake', answers, { backoff });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('twice', { taskRef: ref('twice') }), taskRun('ever', { taskRef: ref('ever') }));
    expect(resolver.asked.length).toBe(2);
    await made.advance(2_000);
    expect(resolver.asked.length).toBe(4);
    await made.advance(3_999);
    expect(resolver.asked.length).toBe(4);
    await made.advance(1);
    expect(await made.outcome(TASK_RUN, 'twice')).toMatch(/^Succeeded: /);
    expect(await made.outcome(TASK_RUN, 'ever')).toMatch(/: the server is in trouble$/);
    await made.advance(60_000);
    expect(resolver.asked.length).toBe(6);
  });

  it('without a pause in its settings, trouble is the end', async () => {
    const resolver = fakeResolver('fake', { it: { trouble: 1, afterwards: task('t') } });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(taskRun('r', { taskRef: ref('it') }));
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/: the server is in trouble$/);
  });
});

describe('a resolver of the user’s own', () => {
  const question = async (made: World): Promise<Stored> => {
    const [request] = await made.list(REQUEST);
    if (request === undefined) throw new Error('no question was asked');
    return request;
  };
  const answer = async (made: World, status: object): Promise<void> => {
    const { name } = (await question(made)).metadata;
    await made.store.patch({ kind: REQUEST, namespace: 'default', name }, { status }, { subresource: 'status' });
    await made.settle();
  };
  const own = { resolver: 'own', params: [{ name: 'what', value: 'ever' }] };

  it('finds the question and answers it', async () => {
    const made = await world();
    await made.apply(taskRun('r', { taskRef: own }));
    expect(await question(made)).toMatchObject({
      metadata: { labels: { 'resolution.tekton.dev/type': 'own' } },
      spec: { params: own.params },
      status: { conditions: [{ status: 'Unknown', reason: 'ResolutionInProgress', message: 'waiting for resolver' }] },
    });
    const { resource } = task('t') as { resource: unknown };
    const data = Buffer.from(JSON.stringify(resource)).toString('base64');
    await answer(made, { data, refSource: { uri: 'own:ever', digest: { sha256: 'x' } } });
    expect(await made.outcome(TASK_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(field(await made.get(TASK_RUN, 'r'), 'status', 'provenance', 'refSource')).toEqual({ uri: 'own:ever', digest: { sha256: 'x' } });
    expect(field(await question(made), 'status', 'conditions')).toMatchObject([{ type: 'Succeeded', status: 'True' }]);
  });

  it('says no', async () => {
    const made = await world();
    await made.apply(taskRun('r', { taskRef: own }));
    await answer(made, { conditions: [{ type: 'Succeeded', status: 'False', reason: 'Mine', message: 'I will not' }] });
    expect(await made.outcome(TASK_RUN, 'r')).toBe('TaskRunResolutionFailed: error requesting remote resource: I will not');
  });

  it.each([
    ['no base64', { data: '%%%' }, 'TaskRunResolutionFailed: error accessing data from remote resource: illegal base64 data'],
    [
      'nothing in it',
      { data: Buffer.from('[]').toString('base64') },
      'TaskRunResolutionFailed: invalid runtime object: expected an object with apiVersion and kind',
    ],
    [
      'a source that is none',
      { data: Buffer.from('{}').toString('base64'), refSource: 'x' },
      'TaskRunResolutionFailed: resource is not a task',
    ],
  ])('answers with %s', async (_, status, outcome) => {
    const made = await world();
    await made.apply(taskRun('r', { taskRef: own }));
    await answer(made, status);
    expect(await made.outcome(TASK_RUN, 'r')).toBe(outcome);
  });

  it('does not answer: the time is up all the same', async () => {
    const made = await world();
    await made.apply(taskRun('r', { taskRef: own }));
    await made.advance(60_000);
    expect(await made.outcome(TASK_RUN, 'r')).toBe(
      'TaskRunResolutionFailed: error requesting remote resource: resolution took longer than global timeout of 1m0s',
    );
  });

  it('takes the question away: it is asked again', async () => {
    const made = await world();
    await made.apply(taskRun('r', { taskRef: own }));
    const first = await question(made);
    await made.store.delete({ kind: REQUEST, namespace: 'default', name: first.metadata.name });
    await made.settle();
    expect((await question(made)).metadata.name).toBe(first.metadata.name);
    expect((await question(made)).metadata.uid).not.toBe(first.metadata.uid);
  });
});

describe('a restart', () => {
  it('in the middle of a question asks it again and loses nothing; the time it was down does not count', async () => {
    const resolver = fakeResolver('fake', { p: { hangs: true } });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(remoteRun('r', 'p'));
    await made.advance(30_000);
    await made.close();
    expect(resolver.open).toBe(0);
    await made.advance(600_000);
    resolver.answer('p', pipeline('p', [{ name: 'a', taskRef: ref('build') }]));
    resolver.answer('build', task('build'));
    await made.start();
    await made.settle();
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(resolver.asked).toEqual(['p', 'p', 'build']);
    expect(made.begun).toEqual(['r-a-pod']);
    expect((await made.list(REQUEST)).length).toBe(2);
  });

  it('between the run’s question and its task’s finds the answer where it was left', async () => {
    const resolver = fakeResolver('fake', { build: task('build') });
    const made = await world(() => ({ afterMs: 1_000 }), { fetching: { resolvers: [resolver] } });
    await made.apply(
      pipelineRun('r', {
        tasks: [
          { name: 'a', taskSpec },
          { name: 'b', runAfter: ['a'], taskRef: ref('build') },
        ],
      }),
    );
    await made.close();
    resolver.answer('build', { missing: 'moved away' });
    await made.start();
    await made.advance(1_000);
    await made.advance(1_000);
    expect(await made.outcome(PIPELINE_RUN, 'r')).toMatch(/^Succeeded: /);
    expect(resolver.asked).toEqual(['build']);
  });
});

describe('what is kept', () => {
  const requests = async (made: World): Promise<readonly unknown[]> =>
    (await made.list(REQUEST)).map((request) => field(request, 'status', 'annotations', 'resolution.tekton.dev/cache-operation'));
  const always = [{ name: 'cache', value: 'always' }];
  const never = [{ name: 'cache', value: 'never' }];

  it('is what is pinned, unless the question says otherwise', async () => {
    const resolver = fakeResolver('fake', { 'it@1': task('t'), it: task('t') });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    for (const [name, more] of [['it@1'], ['it@1'], ['it@1', never], ['it'], ['it'], ['it', always], ['it', always]] as const)
      await made.apply(taskRun(`r${resolver.asked.length}-${(await made.list(REQUEST)).length}`, { taskRef: ref(name, more) }));
    expect(resolver.asked).toEqual(['it@1', 'it@1', 'it', 'it', 'it']);
    expect((await requests(made)).toSorted()).toEqual(['retrieve', 'retrieve', 'store', 'store', undefined, undefined, undefined]);
  });

  it('is of its namespace, and for a time', async () => {
    const resolver = fakeResolver('fake', { 'it@1': task('t') });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    const there = { ...taskRun('r', { taskRef: ref('it@1') }), metadata: { name: 'r', namespace: 'other' } };
    await made.apply(taskRun('a', { taskRef: ref('it@1') }), there);
    expect(resolver.asked.length).toBe(2);
    await made.advance(299_999);
    await made.apply(taskRun('b', { taskRef: ref('it@1') }));
    expect(resolver.asked.length).toBe(2);
    await made.advance(1);
    await made.apply(taskRun('c', { taskRef: ref('it@1') }));
    expect(resolver.asked.length).toBe(3);
  });

  it('is fetched once for all who ask at the same time', async () => {
    const resolver = fakeResolver('fake', { it: { hangs: true } }, { concurrency: 100 });
    const made = await world(undefined, { fetching: { resolvers: [resolver] } });
    await made.apply(...Array.from({ length: 20 }, (_, n) => taskRun(`r${n}`, { taskRef: ref('it') })));
    expect(resolver.asked).toEqual(['it']);
    // One that leaves does not take it from the others.
    await made.store.delete({ kind: TASK_RUN, namespace: 'default', name: 'r0' });
    await made.settle();
    expect(resolver.open).toBe(1);
  });
});

it('a tag that moved is told to the run that met it, also after a restart', async () => {
  const tagged = (digest: string): FakeAnswer => ({ ...task('t'), digest, tag: 'tag v1 of fake' }) as FakeAnswer;
  const resolver = fakeResolver('fake', { it: tagged('one') });
  const made = await world(undefined, { fetching: { resolvers: [resolver] } });
  const events = async () =>
    (await made.list('Event'))
      .filter((event) => event['reason'] === 'TagMoved')
      .map((event) => [event['involvedObject'], event['type'], event['message']]);
  await made.apply(taskRun('a', { taskRef: ref('it') }));
  await made.advance(1_000);
  await made.apply(taskRun('b', { taskRef: ref('it') }));
  expect(await events()).toEqual([]);
  await made.close();
  resolver.answer('it', tagged('two'));
  await made.start();
  await made.advance(1_000);
  await made.apply(taskRun('c', { taskRef: ref('it') }));
  await made.advance(1_000);
  await made.apply(taskRun('d', { taskRef: ref('it') }));
  expect(await events()).toEqual([
    [
      expect.objectContaining({ kind: 'TaskRun', name: 'c' }),
      'Warning',
      'tag v1 of fake has moved: it led to sha256:one and leads to sha256:two now',
    ],
  ]);
});

it('references that are not pinned are refused where the server’s settings want them to be', async () => {
  const resolvers = [
    fakeResolver('fake', { it: task('t'), 'it@1': task('t') }),
    fakeResolver('own', { it: task('t') }, { pinning: () => 'local' }),
  ];
  const made = await world(undefined, { fetching: { resolvers, requirePinned: true } });
  const local = { resolver: 'own', params: [{ name: 'name', value: 'it' }] };
  await made.apply(
    taskRun('moving', { taskRef: ref('it') }),
    taskRun('pinned', { taskRef: ref('it@1') }),
    taskRun('local', { taskRef: local }),
  );
  expect(await made.outcome(TASK_RUN, 'moving')).toMatch(
    /: this server takes references by digest only \(setting resolvers\.requirePinned\)/,
  );
  expect(await made.outcome(TASK_RUN, 'pinned')).toMatch(/^Succeeded: /);
  expect(await made.outcome(TASK_RUN, 'local')).toMatch(/^Succeeded: /);
});
