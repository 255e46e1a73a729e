import { describe, expect, it } from 'vitest';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import { definition, pipelineRun, task, taskRun, taskSpec, type World, world } from './world.ts';

/** What nobody should write, and somebody does: each ends in a reason, at once, and holds up nobody else. */

const RUN = 'tekton.dev/PipelineRun';

/** Why admission refuses an object; empty when it does not. */
function refusal(object: unknown): string {
  const admitted = admit(object, defaultEngineConfig);
  return admitted.ok ? '' : admitted.errors.map(({ message, details = '' }) => `${message} ${details}`).join('; ');
}

/** Another run, after all that: it must go through as if nothing had been. */
async function expectToWork({ apply, outcome }: World): Promise<void> {
  await apply(pipelineRun('good', { tasks: [task('a'), task('b', { runAfter: ['a'] })] }));
  expect(await outcome(RUN, 'good')).toBe('Succeeded: Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0');
}

describe('a cycle', () => {
  const round = Array.from({ length: 5 }, (_, index) => task(`t${index}`, { runAfter: [`t${(index + 1) % 5}`] }));

  it('is named whole, by admission and in a run of a stored pipeline that went past it', async () => {
    const whole = '"t0" -> "t1" -> "t2" -> "t3" -> "t4" -> "t0"';
    expect(refusal(pipelineRun('r', { tasks: round }))).toContain(whole);
    const made = await world();
    await made.store.create(definition('Pipeline', 'round', { tasks: round }));
    await made.apply(pipelineRun('r', 'round'));
    expect(await made.outcome(RUN, 'r')).toMatch(/^PipelineInvalidGraph: .*cycle detected; task "t0" depends on "t1"/);
    expect(await made.outcome(RUN, 'r')).toContain(whole);
    await expectToWork(made);
  });

  it('of 5,000 tasks is told without listing them all', async () => {
    const large = Array.from({ length: 5_000 }, (_, index) => task(`t${index}`, { runAfter: [`t${(index + 1) % 5_000}`] }));
    const made = await world();
    await made.store.create(definition('Pipeline', 'round', { tasks: large }));
    await made.apply(pipelineRun('r', 'round'));
    const outcome = await made.outcome(RUN, 'r');
    expect(outcome).toMatch(/^PipelineInvalidGraph: .*"t0" -> .*… \(4971 more\) -> "t0"$/s);
    expect(outcome.length).toBeLessThan(1_000);
  });

  it('through a result or within itself is one too', () => {
    const uses = (name: string, of: string) => task(name, { when: [{ input: `$(tasks.${of}.results.r)`, operator: 'in', values: ['x'] }] });
    expect(refusal(pipelineRun('r', { tasks: [uses('a', 'b'), task('b', { runAfter: ['a'] })] }))).toContain('"a" -> "b" -> "a"');
    expect(refusal(pipelineRun('r', { tasks: [uses('a', 'a')] }))).toContain('"a" -> "a"');
  });

  it('of pipelines within pipelines ends where it closes', async () => {
    const made = await world(undefined, { config: { 'enable-api-fields': 'alpha' } });
    await made.apply(definition('Pipeline', 'in', { tasks: [{ name: 'in', pipelineRef: { name: 'in' } }] }), pipelineRun('r', 'in'));
    expect(await made.outcome(RUN, 'r')).toBe(
      'CreateRunFailed: detected cycle in pipeline-in-pipeline: pipeline "in" is already running in ancestor chain []',
    );
    expect((await made.list(RUN)).length).toBe(1);
  });
});

describe('what is not there', () => {
  it.each([
    [
      'a task',
      pipelineRun('r', { tasks: [{ name: 'a', taskRef: { name: 'gone' } }] }),
      /^CouldntGetTask: .*tasks.tekton.dev "gone" not found$/,
    ],
    ['a pipeline', pipelineRun('r', 'gone'), /^CouldntGetPipeline: .*pipelines.tekton.dev "gone" not found$/],
  ])('%s', async (_what, run, reason) => {
    const made = await world();
    await made.apply(run);
    expect([await made.outcome(RUN, 'r'), made.begun]).toEqual([expect.stringMatching(reason), []]);
    await expectToWork(made);
  });

  it('a result that its task promised and did not emit', async () => {
    const made = await world();
    const producer = { name: 'p', taskSpec: { ...taskSpec, results: [{ name: 'r' }] } };
    const consumer = task('c', {
      params: [{ name: 'x', value: '$(tasks.p.results.r)' }],
      taskSpec: { ...taskSpec, params: [{ name: 'x' }] },
    });
    await made.apply(pipelineRun('r', { tasks: [producer, consumer, task('d', { runAfter: ['c'] })], finally: [task('f')] }));
    expect(await made.outcome(RUN, 'r')).toBe(
      'PipelineValidationFailed: Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 1, Failed Validation: 1 (task "p" completed successfully but did not emit the result "r", which is referenced by task "c")',
    );
    expect(made.begun).toEqual(['r-p-pod', 'r-f-pod']);
    await expectToWork(made);
  });
});

describe('a path that leads out of its volume', () => {
  const bound = { ...taskSpec, workspaces: [{ name: 'w' }] };
  const claim = { persistentVolumeClaim: { claimName: 'c' } };

  it.each([
    ['of a run', '../out', undefined],
    ['of a pipeline task', undefined, '../../out'],
    ['of both, that would meet again', 'in', '../../in'],
    ['from the root', '/etc', undefined],
  ])('%s fails its task without a pod', async (_where, ofRun, ofTask) => {
    const made = await world();
    const workspaces = [{ name: 'w', ...claim, ...(ofRun && { subPath: ofRun }) }];
    const uses = { workspaces: [{ name: 'w', ...(ofTask && { subPath: ofTask }) }], taskSpec: bound };
    await made.apply(pipelineRun('r', { workspaces: [{ name: 'w' }], tasks: [task('a', uses)] }, { workspaces }));
    expect(await made.outcome('tekton.dev/TaskRun', 'r-a')).toMatch(
      /^PodCreationFailed: .*subPath: Invalid value: .*must not contain '\.\.'/,
    );
    expect([await made.outcome(RUN, 'r'), made.begun]).toEqual(['Failed: Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0', []]);
    await expectToWork(made);
  });

  it('that came out of a result or a param does so too', async () => {
    const made = await world((pod) => (pod === 'r-p-pod' ? { results: { dir: '../../out' } } : undefined));
    const producer = { name: 'p', taskSpec: { ...taskSpec, results: [{ name: 'dir' }] } };
    const consumer = {
      name: 'c',
      params: [{ name: 'd', value: '$(tasks.p.results.dir)' }],
      workspaces: [{ name: 'w', subPath: '$(tasks.p.results.dir)' }],
      taskSpec: { ...bound, params: [{ name: 'd' }] },
    };
    const workspaces = [{ name: 'w', ...claim }];
    await made.apply(
      pipelineRun('r', { workspaces: [{ name: 'w' }], tasks: [producer, consumer] }, { workspaces }),
      taskRun('t', {
        taskSpec: bound,
        params: [{ name: 'd', value: '../x' }],
        workspaces: [{ name: 'w', ...claim, subPath: '$(params.d)' }],
      }),
    );
    for (const name of ['r-c', 't'])
      expect(await made.outcome('tekton.dev/TaskRun', name)).toMatch(/^PodCreationFailed: .*subPath: Invalid value/);
    expect(made.begun).toEqual(['r-p-pod']);
  });
});

describe('too much', () => {
  it('a pipeline of 5,000 tasks goes to its end', async () => {
    const made = await world();
    const tasks = Array.from({ length: 5_000 }, (_, index) => task(`t${index}`, index < 50 ? {} : { runAfter: [`t${index - 50}`] }));
    await made.apply(pipelineRun('r', { tasks }));
    for (let second = 0; second < 600 && !(await made.outcome(RUN, 'r')).startsWith('Succeeded'); second++) await made.advance(1_000);
    expect(await made.outcome(RUN, 'r')).toBe('Succeeded: Tasks Completed: 5000 (Failed: 0, Cancelled 0), Skipped: 0');
    expect(made.begun.length).toBe(5_000);
  }, 120_000);

  const many = Array.from({ length: 10_000 }, (_, index) => `${index}`);
  const fan = (value: unknown) => ({
    name: 'fan',
    matrix: { params: [{ name: 'n', value }] },
    taskSpec: { ...taskSpec, params: [{ name: 'n' }] },
  });

  it.each([
    ['written out', pipelineRun('r', { tasks: [fan(many)] })],
    [
      'as a product',
      pipelineRun('r', {
        tasks: [{ ...fan(many.slice(0, 100)), matrix: { params: ['a', 'b'].map((name) => ({ name, value: many.slice(0, 100) })) } }],
      }),
    ],
  ])('a matrix of 10,000, %s, is refused', (_how, run) => {
    expect(refusal(run)).toContain('expected 0 <= 10000 <= 256');
  });

  it('a matrix of 10,000 from a param fails before anything runs, and so does one that no memory could hold', async () => {
    const made = await world();
    const list = { name: 'l', type: 'array' };
    const whole = '$(params.l[*])';
    const cube = { ...fan(whole), matrix: { params: ['a', 'b', 'c'].map((name) => ({ name, value: whole })) } };
    const params = [{ name: 'l', value: many }];
    await made.apply(
      pipelineRun('flat', { params: [list], tasks: [task('first'), fan(whole)] }, { params }),
      pipelineRun('cube', { params: [list], tasks: [{ ...cube, taskSpec }] }, { params }),
    );
    const invalid = (name: string, count: string, place: number) =>
      `PipelineValidationFailed: [User error] Pipeline default/${name} can't be Run; it has an invalid spec: expected 0 <= ${count} <= 256: tasks[${place}].matrix`;
    expect(await made.outcome(RUN, 'flat')).toBe(invalid('flat', '10000', 1));
    expect(await made.outcome(RUN, 'cube')).toBe(invalid('cube', '1000000000000', 0));
    expect(made.begun).toEqual([]);
    await expectToWork(made);
  });

  it('a matrix of 10,000 from a result ends the run where it would begin', async () => {
    const made = await world((pod) => (pod === 'r-p-pod' ? { results: { l: JSON.stringify(many) } } : undefined));
    const producer = { name: 'p', taskSpec: { ...taskSpec, results: [{ name: 'l', type: 'array' }] } };
    await made.apply(pipelineRun('r', { tasks: [producer, fan('$(tasks.p.results.l[*])')] }));
    expect([await made.outcome(RUN, 'r'), made.begun]).toEqual([
      "PipelineValidationFailed: [User error] Pipeline default/r can't be Run; it has an invalid spec: expected 0 <= 10000 <= 256: tasks[1].matrix",
      ['r-p-pod'],
    ]);
    await expectToWork(made);
  });
});

describe('the wrong type', () => {
  const wants = (type: string) => ({ ...taskSpec, params: [{ name: 'p', type, ...(type === 'object' && { properties: { k: {} } }) }] });
  const emits = (type: string) => ({
    name: 'e',
    taskSpec: { ...taskSpec, results: [{ name: 'r', type, ...(type === 'object' && { properties: { k: {} } }) }] },
  });

  it.each([
    ['text where a list is wanted', 'array', 'text', /^PipelineValidationFailed: .*param types don't match the user-specified type: \[p\]/],
    ['a list where text is wanted', 'string', ['x'], /^PipelineValidationFailed: .*param types don't match the user-specified type: \[p\]/],
    ['an object without its key', 'object', { other: 'x' }, /^PipelineValidationFailed: .*missing keys .*map\[p:\[k\]\]/],
  ])('%s ends the run before it begins', async (_what, type, value, reason) => {
    const made = await world();
    await made.apply(definition('Task', 'work', wants(type)));
    await made.apply(pipelineRun('r', { tasks: [{ name: 'a', taskRef: { name: 'work' }, params: [{ name: 'p', value }] }] }));
    expect([await made.outcome(RUN, 'r'), made.begun]).toEqual([expect.stringMatching(reason), []]);
    await expectToWork(made);
  });

  it.each([
    ['a list for text', 'array', '["a"]', 'string', '$(tasks.e.results.r[*])'],
    ['text for a list', 'string', 'a', 'array', '$(tasks.e.results.r)'],
    ['an object for a list', 'object', '{"k":"v"}', 'array', '$(tasks.e.results.r[*])'],
  ])('%s that came out of a result ends it where it shows', async (_what, given, contents, wanted, value) => {
    const made = await world((pod) => (pod === 'r-e-pod' ? { results: { r: contents } } : undefined));
    await made.apply(definition('Task', 'work', wants(wanted)));
    await made.apply(pipelineRun('r', { tasks: [emits(given), { name: 'a', taskRef: { name: 'work' }, params: [{ name: 'p', value }] }] }));
    expect(await made.outcome(RUN, 'r')).toMatch(/^PipelineValidationFailed: .*param types don't match the user-specified type: \[p\]/);
    expect(made.begun).toEqual(['r-e-pod']);
    await expectToWork(made);
  });
});
