import { describe, expect, it, onTestFinished } from 'vitest';
import type { Keeper } from '../../src/controllers/claim-keeper.ts';
import { startRunActionController } from '../../src/controllers/run-action-controller.ts';
import { type Store, StoreError } from '../../src/ports/store.ts';
import { hashedName } from '../../src/resources/naming/hashed-name.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { RunActionStatus } from '../../src/resources/run-action/schema.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { pipelineRun, type Scripts, succeeded, taskRun, taskSpec, world } from './world.ts';

const RUN = 'tekton.dev/PipelineRun';
const EVENT = 'triggers.tekton.dev/triggers-eventid';
const labels = { pull: '7' };

/** The engine, and the controller of RunActions beside it, which can be stopped and started on another view of the store. */
async function withActions(scripts?: Scripts) {
  const made = await world(scripts);
  let keeper: Keeper | undefined;
  const stop = async (): Promise<void> => {
    await keeper?.close();
    keeper = undefined;
  };
  const start = async (store: Store = made.store): Promise<void> => {
    keeper = await startRunActionController({ store, clock: made.clock, logger: silentLogger });
  };
  onTestFinished(stop);
  await start();
  const status = async (name: string) => (await made.get('tappet.dev/RunAction', name))?.['status'] as RunActionStatus | undefined;
  return {
    ...made,
    start,
    stop,
    status,
    runs: async (name: string) => (await status(name))?.runs,
    said: async (name: string) => {
      const { status: is, reason, message } = succeeded(await made.get('tappet.dev/RunAction', name)) ?? {};
      return `${is} ${reason}: ${message}`;
    },
    names: async (kind = RUN) => (await made.list(kind)).map(({ metadata }) => metadata.name).toSorted(),
    async eventually() {
      for (let n = 0; n < 3; n++) await made.settle();
    },
  };
}

function runAction(name: string, spec: Readonly<Record<string, unknown>>, own: Readonly<Record<string, string>> = {}): KubeObject {
  const selector = { matchLabels: labels };
  const metadata = { name, namespace: 'default', labels: own };
  return { apiVersion: 'tappet.dev/v1alpha1', kind: 'RunAction', metadata, spec: { selector, ...spec } };
}

function labelled(run: KubeObject, more: Readonly<Record<string, unknown>> = {}): KubeObject {
  return { ...run, metadata: { ...run.metadata, labels, ...more } };
}

const oneTask = { tasks: [{ name: 'a', taskSpec }] };
const forever: Scripts = () => ({ neverEnds: true });
const fails: Scripts = () => ({ exitCode: 1 });

describe('Cancel', () => {
  it('ends the runs that bear the labels, and no others', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)), labelled(pipelineRun('two', oneTask)), pipelineRun('other', oneTask));
    await made.apply(runAction('stop', { action: 'Cancel', reason: 'ann said /cancel' }));
    await made.eventually();
    expect(await made.outcome(RUN, 'one')).toMatch(/^Cancelled: /);
    expect(await made.outcome(RUN, 'two')).toMatch(/^Cancelled: /);
    expect(await made.outcome(RUN, 'other')).toMatch(/^Running: /);
    expect(await made.runs('stop')).toEqual([
      { kind: 'PipelineRun', name: 'one', outcome: 'Cancelled' },
      { kind: 'PipelineRun', name: 'two', outcome: 'Cancelled' },
    ]);
    expect(await made.said('stop')).toBe('True Succeeded: 2 cancelled');
    const told = (await made.list('Event')).filter((event) => event['reason'] === 'CancelRequested');
    expect(told.map((event) => [event['involvedObject'], event['message']])).toEqual([
      [expect.objectContaining({ kind: 'PipelineRun', name: 'one' }), 'cancelled by RunAction stop: ann said /cancel'],
      [expect.objectContaining({ kind: 'PipelineRun', name: 'two' }), 'cancelled by RunAction stop: ann said /cancel'],
    ]);
    const own = (await made.list('Event')).filter((event) => (event['involvedObject'] as { kind?: string }).kind === 'RunAction');
    expect(own.map((event) => [event['reason'], event['message']])).toEqual([['Succeeded', '2 cancelled']]);
  });

  it('leaves what has ended', async () => {
    const made = await withActions();
    await made.apply(labelled(pipelineRun('one', oneTask)));
    const before = await made.get(RUN, 'one');
    await made.apply(runAction('stop', { action: 'Cancel' }));
    expect(await made.get(RUN, 'one')).toEqual(before);
    expect([await made.runs('stop'), await made.said('stop')]).toEqual([
      [{ kind: 'PipelineRun', name: 'one', outcome: 'AlreadyDone' }],
      'True Succeeded: 1 done before',
    ]);
  });

  it('finds nothing to do', async () => {
    const made = await withActions();
    await made.apply(runAction('stop', { action: 'Cancel' }));
    expect([await made.said('stop'), await made.runs('stop')]).toEqual(['True NothingToDo: no run that there was bears its labels', []]);
  });

  it.each([
    ['CancelRunFinally', 'CancelledRunFinally', 'Cancelled'],
    ['StoppedRunFinally', 'StoppedRunFinally', 'StoppedRunningFinally'],
    ['Cancel', 'Cancelled', 'Cancelled'],
  ])('by %s writes %s', async (action, word, reason) => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.apply(runAction('stop', { action }));
    await made.eventually();
    expect((await made.get(RUN, 'one'))?.['spec']).toMatchObject({ status: word });
    expect(await made.outcome(RUN, 'one')).toMatch(new RegExp(`^${reason}: `));
  });

  it.each([
    ['StoppedRunFinally', 'Cancel', 'Cancelled', undefined],
    ['CancelledRunFinally', 'StoppedRunFinally', 'CancelledRunFinally', 'it was CancelledRunFinally before'],
    ['PipelineRunPending', 'Cancel', 'Cancelled', undefined],
  ])('of a run told %s, by %s, makes it %s', async (told, action, word, message) => {
    const made = await withActions(forever);
    await made.close();
    await made.apply(labelled(pipelineRun('one', oneTask, { status: told })));
    await made.apply(runAction('stop', { action }));
    expect((await made.get(RUN, 'one'))?.['spec']).toMatchObject({ status: word });
    expect(await made.runs('stop')).toEqual([{ kind: 'PipelineRun', name: 'one', outcome: 'Cancelled', ...(message && { message }) }]);
  });

  it('is for TaskRuns too, but not for those of PipelineRuns, which inherit labels', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)), labelled(taskRun('alone', { taskSpec })));
    await made.apply(runAction('stop', { action: 'Cancel', kinds: ['TaskRun'], reason: 'why not' }));
    await made.eventually();
    expect(await made.runs('stop')).toEqual([{ kind: 'TaskRun', name: 'alone', outcome: 'Cancelled' }]);
    expect((await made.get('tekton.dev/TaskRun', 'alone'))?.['spec']).toMatchObject({
      status: 'TaskRunCancelled',
      statusMessage: 'cancelled by RunAction stop: why not',
    });
    expect(await made.outcome('tekton.dev/TaskRun', 'alone')).toMatch(/^TaskRunCancelled: /);
    expect(await made.outcome(RUN, 'one')).toMatch(/^Running: /);
  });

  it('is not for runs that came later, nor for those of its own event', async () => {
    const made = await withActions(forever);
    await made.stop();
    await made.apply(labelled(pipelineRun('before', oneTask)));
    await made.apply(labelled(pipelineRun('same-event', oneTask), { labels: { ...labels, [EVENT]: 'e1' } }));
    await made.apply(runAction('stop', { action: 'Cancel' }, { [EVENT]: 'e1' }));
    await made.advance(1_000);
    await made.apply(labelled(pipelineRun('after', oneTask)));
    await made.start();
    await made.eventually();
    expect(await made.runs('stop')).toEqual([{ kind: 'PipelineRun', name: 'before', outcome: 'Cancelled' }]);
    expect(await made.outcome(RUN, 'after')).toMatch(/^Running: /);
    expect(await made.outcome(RUN, 'same-event')).toMatch(/^Running: /);
  });

  it('is not for runs of other namespaces', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask), { namespace: 'other' }));
    await made.apply(runAction('stop', { action: 'Cancel' }));
    expect(await made.said('stop')).toMatch(/^True NothingToDo/);
  });

  it('selects by expressions', async () => {
    const made = await withActions(forever);
    await made.apply(
      ...['a', 'b', 'c'].map((name) => labelled(pipelineRun(name, oneTask), { labels: { ...labels, [`is-${name}`]: 'yes' } })),
    );
    const matchExpressions = [
      { key: 'pull', operator: 'In', values: ['6', '7'] },
      { key: 'is-a', operator: 'NotIn', values: ['yes'] },
      { key: 'is-b', operator: 'DoesNotExist' },
      { key: 'is-c', operator: 'Exists' },
    ];
    await made.apply(runAction('stop', { action: 'Cancel', selector: { matchExpressions } }));
    expect((await made.runs('stop'))?.map(({ name }) => name)).toEqual(['c']);
  });
});

describe('a RunAction that was cut off', () => {
  it('between two runs cancels the other, and tells of both', async () => {
    const made = await withActions(forever);
    await made.stop();
    await made.apply(labelled(pipelineRun('one', oneTask)), labelled(pipelineRun('two', oneTask)));
    const away = () => new StoreError('Unavailable', 'the power is out');
    await made.start(failing(made.store, 'patch', ({ name }) => name === 'two', away));
    await made.apply(runAction('stop', { action: 'Cancel' }));
    await made.eventually();
    expect(await made.outcome(RUN, 'one')).toMatch(/^Cancelled: /);
    expect(await made.outcome(RUN, 'two')).toMatch(/^Running: /);
    expect(await made.status('stop')).toBeUndefined();

    await made.stop();
    await made.start();
    await made.eventually();
    expect(await made.outcome(RUN, 'two')).toMatch(/^Cancelled: /);
    expect((await made.runs('stop'))?.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['one', 'Cancelled'],
      ['two', 'Cancelled'],
    ]);
    const told = (await made.list('Event')).filter((event) => event['reason'] === 'CancelRequested');
    expect(told.map((event) => event['count'])).toEqual([1, 1]);
  });

  it('before it could say what it did makes no second run, also when the first has ended and its source is gone', async () => {
    const made = await withActions(fails);
    await made.stop();
    await made.apply(labelled(pipelineRun('build-1', oneTask), { generateName: 'build-' }));
    await made.advance(1_000);
    await made.apply(labelled(pipelineRun('build-2', oneTask), { generateName: 'build-' }));
    await made.start(
      failing(
        made.store,
        'updateStatus',
        ({ kind }) => kind === 'tappet.dev/RunAction',
        () => new StoreError('Unavailable', 'out'),
      ),
    );
    await made.apply(runAction('again', { action: 'Rerun' }));
    await made.eventually();
    const [rerun = ''] = (await made.names()).filter((name) => !['build-1', 'build-2'].includes(name));
    expect(await made.outcome(RUN, rerun)).toMatch(/^Failed: /);
    await made.stop();
    await made.store.delete({ kind: RUN, namespace: 'default', name: 'build-2' });
    await made.advance(60_000);

    await made.start();
    await made.eventually();
    expect(await made.runs('again')).toEqual([{ kind: 'PipelineRun', name: 'build-2', outcome: 'Rerun', rerun }]);
    expect(await made.names()).toEqual(['build-1', rerun].toSorted());
  });

  it('again and again says so, is tried in growing pauses, and goes on when it can', async () => {
    const made = await withActions(forever);
    await made.stop();
    await made.apply(labelled(pipelineRun('one', oneTask)));
    let broken = true;
    let tries = 0;
    const isBroken = (): boolean => {
      tries++;
      return broken;
    };
    await made.start(
      failing(
        made.store,
        'patch',
        ({ kind }) => kind === RUN && isBroken(),
        () => new StoreError('Unavailable', `out ${tries}`),
      ),
    );
    await made.apply(runAction('stop', { action: 'Cancel' }));
    for (let n = 0; n < 8; n++) await made.advance(1_000);
    expect(await made.said('stop')).toMatch(/^Unknown Retrying: out \d+$/);
    expect((await made.status('stop'))?.completionTime).toBeUndefined();
    expect(tries).toBeLessThan(15);
    broken = false;
    await made.advance(60_000);
    expect(await made.said('stop')).toBe('True Succeeded: 1 cancelled');
  });

  it('by a run that moves on is decided anew', async () => {
    const made = await withActions(forever);
    await made.stop();
    await made.apply(labelled(pipelineRun('one', oneTask)));
    const ends = { status: { conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }] } };
    const key = { kind: RUN, namespace: 'default', name: 'one' };
    await made.close();
    let moved = false;
    const store = new Proxy(made.store, {
      get(target, name) {
        if (name !== 'patch') return Reflect.get(target, name, target);
        return async (...given: Parameters<Store['patch']>) => {
          if (!moved) await target.patch(key, ends, { subresource: 'status' });
          moved = true;
          return target.patch(...given);
        };
      },
    });
    await made.start(store);
    await made.apply(runAction('stop', { action: 'Cancel' }));
    expect(await made.runs('stop')).toEqual([{ kind: 'PipelineRun', name: 'one', outcome: 'AlreadyDone' }]);
    expect((await made.get(RUN, 'one'))?.['spec']).not.toHaveProperty('status');
  });
});

describe('Rerun', () => {
  it('makes the newest of each kind of run again, where that has failed', async () => {
    const broken = new Set(['bad', 'old-bad']);
    const made = await withActions((pod) => ({ exitCode: [...broken].some((name) => pod.startsWith(`${name}-`)) ? 1 : 0 }));
    const of = (name: string, generateName: string) =>
      labelled(pipelineRun(name, oneTask, { params: [{ name: 'p', value: name }] }), {
        generateName,
        labels: { ...labels, 'triggers.tekton.dev/trigger': generateName, [EVENT]: 'e0' },
        annotations: { 'example.com/a': 'b', 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'chains.tekton.dev/signed': 'true' },
      });
    await made.apply(of('old-bad', 'x-'), of('bad', 'y-'));
    await made.advance(1_000);
    await made.apply(of('good', 'x-'));
    await made.apply(runAction('again', { action: 'Rerun' }, { [EVENT]: 'e1' }));
    await made.eventually();
    const [rerun = '', ...more] = (await made.names()).filter((name) => !['old-bad', 'bad', 'good'].includes(name));
    expect([rerun, more]).toEqual([expect.stringMatching(/^y-[bcdfghjklmnpqrstvwxz2456789]{10}$/), []]);
    const { metadata, spec } = (await made.get(RUN, rerun)) as Stored & { readonly spec: object };
    const action = await made.get('tappet.dev/RunAction', 'again');
    expect(metadata).toMatchObject({
      generateName: 'y-',
      labels: { pull: '7', 'triggers.tekton.dev/trigger': 'y-', [EVENT]: 'e1', 'tappet.dev/run-action': action?.metadata.uid },
      annotations: { 'example.com/a': 'b', 'tappet.dev/rerun-of': 'bad' },
    });
    expect(Object.keys(metadata.annotations ?? {}).toSorted()).toEqual(['example.com/a', 'tappet.dev/rerun-of']);
    expect([spec, metadata.ownerReferences]).toEqual([(await made.get(RUN, 'bad'))?.['spec'], undefined]);
    expect(await made.outcome(RUN, rerun)).toMatch(/^Succeeded: /);
    expect(await made.runs('again')).toEqual([
      { kind: 'PipelineRun', name: 'bad', outcome: 'Rerun', rerun },
      { kind: 'PipelineRun', name: 'good', outcome: 'AlreadyDone', message: 'it has succeeded' },
    ]);
    expect(await made.said('again')).toBe('True Succeeded: 1 run again, 1 done before');
  });

  it('of what runs still makes nothing', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.apply(runAction('again', { action: 'Rerun', only: 'All' }));
    expect([await made.runs('again'), await made.names()]).toEqual([
      [{ kind: 'PipelineRun', name: 'one', outcome: 'StillRunning' }],
      ['one'],
    ]);
  });

  it('of All makes again what has succeeded', async () => {
    const made = await withActions();
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.apply(runAction('again', { action: 'Rerun', only: 'All' }));
    await made.eventually();
    const names = await made.names();
    expect(names).toEqual(['one', expect.stringMatching(/^one-[a-z0-9]{10}$/)]);
    expect(await made.outcome(RUN, names[1] ?? '')).toMatch(/^Succeeded: /);
  });

  it('of what was cancelled runs it whole', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.apply(runAction('stop', { action: 'Cancel' }));
    await made.eventually();
    await made.apply(runAction('again', { action: 'Rerun' }));
    await made.eventually();
    const [, rerun = ''] = await made.names();
    const again = await made.get(RUN, rerun);
    expect(again?.['spec']).not.toHaveProperty('status');
    expect(again?.metadata.annotations).toEqual({ 'tappet.dev/rerun-of': 'one' });
    expect(await made.outcome(RUN, rerun)).toMatch(/^Running: /);
  });

  it('of a rerun makes another, within the same second too, and of one that was made again nothing', async () => {
    const made = await withActions(fails);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    for (const name of ['again', 'and-again', 'and-again-2']) {
      await made.apply(runAction(name, { action: 'Rerun' }));
      await made.eventually();
    }
    const of = async (name: string) => (await made.runs(name))?.map((run) => [run.name, run.outcome, run.rerun]);
    const first = (await made.runs('again'))?.[0]?.rerun ?? '';
    const second = (await made.runs('and-again'))?.[0]?.rerun ?? '';
    expect(await of('and-again')).toEqual([[first, 'Rerun', second]]);
    expect(await of('and-again-2')).toEqual([[second, 'Rerun', expect.stringMatching(/^one-/)]]);
    expect(new Set(await made.names()).size).toBe(4);
  });

  it('of TaskRuns makes TaskRuns', async () => {
    const made = await withActions(fails);
    await made.apply(labelled(taskRun('alone', { taskSpec })), labelled(pipelineRun('one', oneTask)));
    await made.apply(runAction('again', { action: 'Rerun', kinds: ['TaskRun', 'PipelineRun', 'TaskRun'] }));
    await made.eventually();
    expect((await made.runs('again'))?.map(({ kind, name, outcome }) => [kind, name, outcome])).toEqual([
      ['TaskRun', 'alone', 'Rerun'],
      ['PipelineRun', 'one', 'Rerun'],
    ]);
    expect((await made.names('tekton.dev/TaskRun')).filter((name) => /^alone-[a-z0-9]{10}$/.test(name)).length).toBe(1);
  });

  it('that the store refuses is told of, and keeps nothing else from being done', async () => {
    const made = await withActions(fails);
    await made.stop();
    await made.apply(labelled(pipelineRun('a', oneTask)), labelled(pipelineRun('b', oneTask)));
    const refused = () => new StoreError('Invalid', 'no room for it');
    await made.start(failing(made.store, 'create', (run) => run.metadata?.generateName === 'a-', refused));
    await made.apply(runAction('again', { action: 'Rerun' }));
    await made.eventually();
    expect(await made.runs('again')).toEqual([
      { kind: 'PipelineRun', name: 'a', outcome: 'Failed', message: 'no room for it' },
      { kind: 'PipelineRun', name: 'b', outcome: 'Rerun', rerun: expect.stringMatching(/^b-/) },
    ]);
    expect(await made.said('again')).toBe('False Failed: 1 run again, 1 failed');
  });
});

describe('a name that is taken', () => {
  const taken = async () => {
    const made = await withActions(fails);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.stop();
    await made.store.create(runAction('again', { action: 'Rerun' }));
    const uid = (await made.get('tappet.dev/RunAction', 'again'))?.metadata.uid ?? '';
    await made.advance(1_000);
    return { ...made, uid, name: hashedName('one-', [uid, 'PipelineRun', 'one']) };
  };

  it('by the run that was made already is that run', async () => {
    const { uid, name, ...made } = await taken();
    await made.apply(labelled(pipelineRun(name, oneTask), { labels: { 'tappet.dev/run-action': uid } }));
    // As a list that lags behind.
    await made.start(
      new Proxy(made.store, {
        get(target, method) {
          if (method !== 'list') return Reflect.get(target, method, target);
          return async (...[kind, options]: Parameters<Store['list']>) => {
            const page = await target.list(kind, options);
            return options?.labelSelector?.startsWith('tappet.dev/run-action=') ? { ...page, items: [] } : page;
          };
        },
      }),
    );
    await made.eventually();
    expect(await made.runs('again')).toEqual([{ kind: 'PipelineRun', name: 'one', outcome: 'Rerun', rerun: name }]);
  });

  it('by a stranger is a failure', async () => {
    const { name, ...made } = await taken();
    await made.apply(pipelineRun(name, oneTask));
    await made.start();
    await made.eventually();
    expect(await made.runs('again')).toEqual([
      { kind: 'PipelineRun', name: 'one', outcome: 'Failed', message: `tekton.dev/PipelineRun default/${name} already exists` },
    ]);
  });
});

describe('a RunAction', () => {
  it('goes when its time is up, also after a restart', async () => {
    const made = await withActions();
    await made.apply(runAction('short', { action: 'Cancel', ttl: '1m' }), runAction('long', { action: 'Cancel' }));
    await made.advance(59_000);
    expect(await made.names('tappet.dev/RunAction')).toEqual(['long', 'short']);
    await made.advance(1_000);
    expect(await made.names('tappet.dev/RunAction')).toEqual(['long']);
    await made.stop();
    await made.advance(24 * 3_600_000);
    expect(await made.names('tappet.dev/RunAction')).toEqual(['long']);
    await made.start();
    await made.eventually();
    expect(await made.names('tappet.dev/RunAction')).toEqual([]);
  });

  it('acts once', async () => {
    const made = await withActions(forever);
    await made.apply(runAction('stop', { action: 'Cancel' }));
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.store.patch({ kind: 'tappet.dev/RunAction', namespace: 'default', name: 'stop' }, { metadata: { labels: { a: 'b' } } });
    await made.stop();
    await made.start();
    await made.eventually();
    expect([await made.outcome(RUN, 'one'), await made.said('stop')]).toEqual([
      expect.stringMatching(/^Running: /),
      'True NothingToDo: no run that there was bears its labels',
    ]);
  });

  it('that nobody has checked does nothing but say what is wrong', async () => {
    const made = await withActions(forever);
    await made.apply(labelled(pipelineRun('one', oneTask)));
    await made.store.create(runAction('bad', { action: 'Cancel', selector: {} }));
    await made.store.create(runAction('worse', { action: 'Cancel', selector: { matchLabels: { pull: 'a,b' } } }));
    await made.eventually();
    expect(await made.said('bad')).toBe(
      'False InvalidSpec: missing field(s): spec.selector.matchExpressions, spec.selector.matchLabels\nsay which runs are meant',
    );
    expect(await made.said('worse')).toMatch(/^False InvalidSpec: invalid value: a,b: spec\.selector\.matchLabels\[pull\]/);
    expect(await made.outcome(RUN, 'one')).toMatch(/^Running: /);
  });
});

/** The store, but one method fails for some objects. */
function failing(
  store: Store,
  method: 'patch' | 'create' | 'updateStatus',
  when: (given: Given) => boolean,
  error: () => StoreError,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (name !== method || typeof own !== 'function') return own;
      return async (given: Given, ...more: unknown[]) => {
        const kind = given.apiVersion === undefined ? given.kind : `${given.apiVersion.split('/')[0]}/${given.kind}`;
        if (when({ ...given, kind })) throw error();
        return Reflect.apply(own, target, [given, ...more]);
      };
    },
  });
}

interface Given {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly metadata?: { readonly generateName?: string };
}
