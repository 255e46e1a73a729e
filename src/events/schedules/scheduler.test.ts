import { afterEach, describe, expect, it } from 'vitest';
import { ScheduleWorld } from '../../../test/support/schedule-world.ts';
import { StoreError } from '../../ports/store.ts';
import { tickEventId } from './tick.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const worlds: ScheduleWorld[] = [];
function newWorld(now = '2026-11-23T12:00:30Z'): ScheduleWorld {
  const world = new ScheduleWorld(now);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe('a tick', () => {
  it('is a journaled event that binds, renders and creates, and finds its way back to its schedule', async () => {
    const world = newWorld();
    await world.startServer();
    const { metadata } = await world.apply('nightly', { schedule: '* * * * *', timeZone: 'Europe/Berlin' });
    await world.turn(MINUTE);

    const [event] = await world.events('nightly');
    expect(event).toMatchObject({
      namespace: 'ns',
      listener: 'schedule/nightly',
      deliveryId: `${metadata.uid} 2026-11-23T12:01:00Z`,
      method: 'TICK',
      url: '/schedules/ns/nightly',
      headers: { 'Content-Type': ['application/json'], 'X-Tappet-Event': ['schedule'] },
      state: 'processed',
      verdicts: [{ verdict: 'matched', trigger: 'build' }],
    });
    expect(await world.bodies('nightly')).toEqual([
      {
        schedule: 'nightly',
        namespace: 'ns',
        cron: '* * * * *',
        timeZone: 'Europe/Berlin',
        scheduledFor: '2026-11-23T12:01:00Z',
        firedAt: '2026-11-23T12:01:00Z',
        lastSuccess: '',
        manual: false,
      },
    ]);
    const [run] = await world.runs();
    expect(run?.metadata).toMatchObject({
      namespace: 'ns',
      labels: {
        'tappet.dev/schedule': 'nightly',
        'triggers.tekton.dev/eventlistener': 'nightly',
        'triggers.tekton.dev/trigger': 'build',
        'triggers.tekton.dev/triggers-eventid': event?.eventId,
      },
      annotations: { 'tappet.dev/scheduled-for': '2026-11-23T12:01:00Z' },
    });
    expect(run?.['spec']).toMatchObject({ params: [{ value: '2026-11-23T12:01:00Z' }, { value: '' }] });
    expect(await world.status('nightly')).toMatchObject({
      observedGeneration: 1,
      lastScheduledFor: '2026-11-23T12:01:00Z',
      lastFiredAt: '2026-11-23T12:01:00Z',
      lastEventId: event?.eventId,
      nextFireTime: '2026-11-23T12:02:00Z',
      active: [{ kind: 'PipelineRun', name: run?.metadata.name, scheduledFor: '2026-11-23T12:01:00Z' }],
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Scheduled' },
        { type: 'Suspended', status: 'False' },
        { type: 'TriggersSucceeded', status: 'True' },
      ],
    });
  });

  it('tells when the newest tick was due whose runs succeeded', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', {});
    await world.turn(2 * MINUTE);
    const [first, second] = await world.runs();
    if (first === undefined || second === undefined) throw new Error('two runs expected');
    await world.end(second, 'True');
    await world.end(first, 'True');
    await world.turn(MINUTE);
    const runs = await world.runs();
    const third = runs.find(({ metadata }) => metadata.name !== first.metadata.name && metadata.name !== second.metadata.name);
    if (third === undefined) throw new Error('a third run expected');
    await world.end(third, 'False');
    await world.turn(MINUTE);
    const due = [first, second].map((run) => run.metadata.annotations?.['tappet.dev/scheduled-for']).sort();
    expect((await world.bodies('s')).map(({ lastSuccess }) => lastSuccess)).toEqual(['', '', due[1], due[1]]);
    expect(await world.status('s')).toMatchObject({ lastSuccess: due[1] });
  });

  it('goes to a whole listener where the schedule names one', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { eventListener: 'all' });
    await world.turn(SECOND);
    expect(await world.status('s')).toMatchObject({
      conditions: [
        { type: 'Ready', status: 'False', reason: 'ListenerNotFound', message: expect.stringContaining('"all" not found in namespace ns') },
        {},
      ],
    });
    const cel = (filter: string) => [{ ref: { name: 'cel' }, params: [{ name: 'filter', value: filter }] }];
    const template = {
      spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' }, data: {} }] },
    };
    await world.create({
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'EventListener',
      metadata: { name: 'all', namespace: 'ns' },
      spec: {
        triggers: [
          { name: 'ticks', interceptors: cel("header.match('X-Tappet-Event', 'schedule') && body.lastSuccess == ''"), template },
          { name: 'pushes', interceptors: cel("header.match('X-Github-Event', 'push')"), template },
        ],
      },
    });
    await world.turn(MINUTE);
    const [event] = await world.events('s');
    expect(event?.verdicts.map(({ trigger, verdict }) => [trigger, verdict])).toEqual([
      ['ticks', 'matched'],
      ['pushes', 'filtered'],
    ]);
    const { items } = await world.stores.store.list('ConfigMap');
    expect(items.map(({ metadata }) => metadata.labels?.['triggers.tekton.dev/eventlistener'])).toEqual(['all']);
    expect(items[0]?.metadata.labels).toMatchObject({ 'tappet.dev/schedule': 's' });
    expect((await world.status('s')).conditions).toMatchObject([{ type: 'Ready', status: 'True' }, {}, { type: 'TriggersSucceeded' }]);
  });

  it('fires by seconds, and in a zone whose clocks are turned', async () => {
    const world = newWorld('2026-03-08T06:58:00Z');
    await world.startServer();
    await world.apply('seconds', { schedule: '*/20 * * * * *' });
    await world.apply('nightly', { schedule: '30 2 * * *', timeZone: 'America/New_York' });
    await world.turn(MINUTE);
    expect(await world.fired('seconds')).toEqual(['06:58:20', '06:58:40', '06:59:00']);
    await world.apply('seconds', { suspend: true });
    await world.turn(DAY);
    // 2:30 does not exist on the first day: it fires at 3:00, when the clocks are there.
    expect((await world.bodies('nightly')).map(({ scheduledFor }) => scheduledFor)).toEqual([
      '2026-03-08T07:00:00Z',
      '2026-03-09T06:30:00Z',
    ]);
  });

  it('waits for years, and is told of when it never comes', async () => {
    const world = newWorld('2026-11-23T12:00:00Z');
    await world.startServer();
    await world.apply('leap', { schedule: '0 0 29 2 *' });
    await world.apply('never', { schedule: '0 0 31 2 *' });
    await world.turn(SECOND);
    expect(await world.status('leap')).toMatchObject({ nextFireTime: '2028-02-29T00:00:00Z', conditions: [{ status: 'True' }, {}] });
    const never = await world.status('never');
    expect(never.nextFireTime).toBeUndefined();
    expect(never.conditions).toMatchObject([
      {
        type: 'Ready',
        status: 'False',
        reason: 'NeverFires',
        message: 'spec.schedule: "0 0 31 2 *" names a day that no year has; expected one that comes',
      },
      {},
    ]);
  });

  it('has a condition for what is wrong with its trigger, before it fires and after', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { trigger: { template: { ref: 'missing' } } });
    await world.turn(SECOND);
    expect((await world.status('s')).conditions?.[0]).toMatchObject({
      type: 'Ready',
      status: 'False',
      reason: 'TriggersCannotFire',
      message: expect.stringContaining('"missing" not found'),
    });
    await world.turn(MINUTE);
    expect((await world.status('s')).conditions?.[2]).toMatchObject({
      type: 'TriggersSucceeded',
      status: 'False',
      reason: 'TriggerFailed',
    });
  });
});

describe('jitter', () => {
  it('is the same for the same tick, and never reaches the next', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { jitter: '10m' });
    await world.turn(30 * MINUTE);
    const bodies = await world.bodies('s');
    expect(bodies.length).toBeGreaterThanOrEqual(29);
    const delays = bodies.map(({ scheduledFor, firedAt }) => Date.parse(firedAt) - Date.parse(scheduledFor));
    expect(delays.every((delay) => delay >= 0 && delay < MINUTE)).toBe(true);
    expect(new Set(delays).size).toBeGreaterThan(10);
    expect(await world.fired('s')).toEqual((await world.fired('s')).toSorted());
    expect((await world.status('s')).lastCatchUp).toBeUndefined();
  });
});

describe('nothing fires twice', () => {
  it('over restarts', async () => {
    const world = newWorld();
    await world.apply('s', {});
    for (let life = 0; life < 4; life++) {
      const server = await world.startServer();
      await world.turn(90 * SECOND);
      await server.close();
    }
    expect(await world.fired('s')).toEqual(['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00', '12:06:00']);
    expect(await world.runs()).toHaveLength(6);
  });

  it('with two servers on one journal', async () => {
    const world = newWorld();
    await world.startServer();
    await world.startServer();
    await world.apply('s', { schedule: '*/5 * * * * *', jitter: '3s' });
    await world.turn(MINUTE);
    const fired = await world.fired('s');
    expect(fired.slice(0, 3)).toEqual(['12:00:35', '12:00:40', '12:00:45']);
    expect(fired.length).toBeGreaterThanOrEqual(11);
    expect(new Set(fired).size).toBe(fired.length);
    expect(await world.runs()).toHaveLength(fired.length);
  });

  it('with two servers that have a journal each: the same event, the same names', async () => {
    const [one, other] = [newWorld(), newWorld()];
    for (const world of [one, other]) {
      await world.startServer();
      await world.apply('s', {});
      await world.turn(MINUTE);
    }
    const [ids, otherIds] = await Promise.all([one, other].map(async (world) => (await world.events('s')).map(({ eventId }) => eventId)));
    expect(ids).toEqual(otherIds);
    expect(ids?.[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await one.runs()).map(({ metadata }) => metadata.name)).toEqual((await other.runs()).map(({ metadata }) => metadata.name));
  });

  it('when the crash came before the status', async () => {
    const world = newWorld();
    await world.apply('s', { catchUp: { limit: 5 } });
    const before = await world.status('s');
    const server = await world.startServer();
    await world.turn(3 * MINUTE);
    await server.close();
    // As if none of its writes of status had reached the disk.
    await world.stores.store.patch(
      { kind: 'tappet.dev/Schedule', namespace: 'ns', name: 's' },
      { status: null },
      { subresource: 'status' },
    );
    expect(await world.status('s')).toEqual(before);
    await world.turn(2 * MINUTE);
    await world.startServer();
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual(['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00']);
    expect((await world.status('s')).lastCatchUp).toMatchObject({ missed: 2, fired: 2 });
  });

  it('when the clock is put back', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', {});
    await world.turn(3 * MINUTE);
    world.clock.set(Date.parse('2026-11-23T12:01:30Z'));
    await world.turn(4 * MINUTE);
    expect(await world.fired('s')).toEqual(['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00']);
    expect(await world.runs()).toHaveLength(5);
  });

  it('and nothing waits for the future a wrong clock has seen', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', {});
    world.clock.set(Date.parse('2031-01-01T00:00:30Z'));
    await world.turn(MINUTE);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T13:00:30Z'));
    await world.startServer();
    await world.turn(MINUTE);
    expect((await world.fired('s')).at(-1)).toBe('13:01:00');
  });
});

describe('after downtime', () => {
  // Down from 12:00:30 to 15:00:20. Hourly ticks at 13:00, 14:00 and 15:00, of which the last is 20 s late when the server is back.
  it.each([
    ['the default: one', {}, ['15:00:00'], { missed: 3, fired: 1 }],
    ['two', { limit: 2 }, ['14:00:00', '15:00:00'], { missed: 3, fired: 2 }],
    ['more than there are', { limit: 9 }, ['13:00:00', '14:00:00', '15:00:00'], { missed: 3, fired: 3 }],
    ['as far as the window reaches', { limit: 9, window: '90m' }, ['14:00:00', '15:00:00'], { missed: 3, fired: 2 }],
    ['none by the limit', { limit: 0 }, [], { missed: 3, fired: 0 }],
    ['none by the window', { window: '0s' }, [], { missed: 3, fired: 0 }],
  ])('%s', async (_what, catchUp, fired, told) => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', { schedule: '@hourly', catchUp });
    await world.turn(SECOND);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T15:00:20Z'));
    await world.startServer();
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual(fired);
    expect((await world.status('s')).lastCatchUp).toMatchObject({
      ...told,
      at: '2026-11-23T15:00:20Z',
      message: `missed 3 ticks, due from 2026-11-23T13:00:00Z to 2026-11-23T15:00:00Z; fired ${told.fired} of them late`,
    });
    // What was passed over is passed over for good, and the next tick is on its time.
    const again = await world.startServer();
    await world.turn(HOUR);
    expect(await world.fired('s')).toEqual([...fired, '16:00:00']);
    await again.close();
  });

  it('of seconds nothing is late: even without catching up the tick fires', async () => {
    const world = newWorld('2026-11-23T12:59:58Z');
    const server = await world.startServer();
    await world.apply('s', { schedule: '@hourly', catchUp: { limit: 0 } });
    await world.turn(SECOND);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T13:00:09Z'));
    await world.startServer();
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual(['13:00:00']);
    expect((await world.status('s')).lastCatchUp).toBeUndefined();
  });

  it('a tick on its time counts against the limit: one run and not two', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', {});
    await world.turn(SECOND);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T12:30:05Z'));
    await world.startServer();
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual(['12:30:00']);
    expect((await world.status('s')).lastCatchUp).toMatchObject({ missed: 29, fired: 0 });
  });

  it('of a year, every second: it is bounded, and says that it stopped counting', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', { schedule: '* * * * * *', catchUp: { limit: 3, window: '8784h' } });
    await server.close();
    world.clock.set(Date.parse('2027-11-23T12:00:00Z'));
    await world.startServer();
    await world.turn(200);
    // Ten seconds' worth is on time.
    expect((await world.fired('s')).length).toBe(11);
    expect((await world.status('s')).lastCatchUp?.message).toMatch(
      /^missed at least 90 ticks, due from 2027-11-23T11:58:20Z to 2027-11-23T11:59:49Z; fired 0 of them late$/,
    );
  });

  it('of a laptop that slept', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { schedule: '0 2 * * *' });
    await world.turn(SECOND);
    // Timers stand still while it sleeps; the wall clock does not.
    world.clock.set(Date.parse('2026-11-24T09:00:00Z'));
    await world.turn(MINUTE);
    expect(await world.bodies('s')).toMatchObject([{ scheduledFor: '2026-11-24T02:00:00Z' }]);
    expect((await world.status('s')).lastCatchUp).toMatchObject({
      missed: 1,
      fired: 1,
      message: 'missed 1 tick, due 2026-11-24T02:00:00Z; fired 1 of them late',
    });
  });

  it('what is new, or comes from elsewhere with a status, owes nothing', async () => {
    const world = newWorld();
    const server = await world.startServer();
    const schedule = await world.apply('s', { schedule: '@hourly' });
    await world.turn(2 * HOUR);
    await server.close();
    const old = await world.status('s');
    await world.stores.store.delete({ kind: 'tappet.dev/Schedule', namespace: 'ns', name: 's' });
    world.clock.set(Date.parse('2026-11-23T20:30:00Z'));
    const { name, namespace } = schedule.metadata;
    await world.create({ ...schedule, metadata: { name, namespace }, status: old });
    await world.startServer();
    await world.turn(HOUR);
    expect(await world.fired('s')).toEqual(['13:00:00', '14:00:00', '21:00:00']);
  });
});

describe('changed while it ticks', () => {
  it('a new pattern or zone counts from now', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', { schedule: '0 18 * * *', catchUp: { limit: 9 } });
    await world.turn(SECOND);
    // Under the new pattern 9:00 has been, under the new zone too.
    await world.apply('s', { schedule: '0 9 * * *', catchUp: { limit: 9 } });
    await world.turn(SECOND);
    await world.apply('s', { schedule: '0 9 * * *', timeZone: 'Europe/Berlin', catchUp: { limit: 9 } });
    await world.turn(SECOND);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T13:00:00Z'));
    await world.startServer();
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual([]);
    expect(await world.status('s')).toMatchObject({ nextFireTime: '2026-11-24T08:00:00Z', observedGeneration: 3 });
    await world.turn(DAY);
    expect(await world.fired('s')).toEqual(['08:00:00']);
  });

  it('another trigger does not disturb the count', async () => {
    const world = newWorld('2026-11-23T12:00:59Z');
    await world.startServer();
    await world.apply('s', {});
    await world.turn(500);
    await world.apply('s', { concurrencyPolicy: 'Forbid' });
    await world.turn(SECOND);
    expect(await world.fired('s')).toEqual(['12:01:00']);
  });

  it('suspended it does not fire, and resumed it does not make up for it', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', {});
    await world.turn(MINUTE);
    await world.apply('s', { suspend: true });
    await world.turn(10 * MINUTE);
    const suspended = await world.status('s');
    expect(suspended.nextFireTime).toBeUndefined();
    expect(suspended.conditions).toMatchObject([{ type: 'Ready', status: 'True' }, { type: 'Suspended', status: 'True' }, {}]);
    await world.apply('s', { suspend: false });
    await world.turn(MINUTE);
    expect(await world.fired('s')).toEqual(['12:01:00', '12:12:00']);

    // Resumed while no server was there to see it.
    await world.apply('s', { suspend: true });
    await world.turn(SECOND);
    await server.close();
    await world.apply('s', { suspend: false });
    world.clock.set(Date.parse('2026-11-23T13:00:30Z'));
    await world.startServer();
    await world.turn(MINUTE);
    expect(await world.fired('s')).toEqual(['12:01:00', '12:12:00', '13:01:00']);
    expect((await world.status('s')).lastCatchUp).toBeUndefined();
  });

  it('deleted it does not fire; its tick under way says so', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', {});
    await world.turn(SECOND);
    await server.close();
    // A tick that was journaled and not judged when the server was killed.
    const [held] = [await world.stores.store.get({ kind: 'tappet.dev/Schedule', namespace: 'ns', name: 's' })];
    await world.stores.journal.append({
      eventId: 'e1',
      deliveryId: `${held?.metadata.uid} 2026-11-23T12:01:00Z`,
      namespace: 'ns',
      listener: 'schedule/s',
      receivedAt: 0,
      method: 'TICK',
      url: '/schedules/ns/s',
      headers: {},
      body: Buffer.from('{}'),
    });
    await world.stores.store.delete({ kind: 'tappet.dev/Schedule', namespace: 'ns', name: 's' });
    // Another of the same name is another schedule.
    await world.apply('s', { schedule: '@yearly' });
    await world.startServer();
    await world.turn(10 * MINUTE);
    expect((await world.events('s')).map(({ verdicts }) => verdicts)).toMatchObject([
      [{ verdict: 'failed', stage: 'resolve', error: 'Schedule ns/s was deleted before the tick was processed' }],
    ]);
    await world.stores.store.delete({ kind: 'tappet.dev/Schedule', namespace: 'ns', name: 's' });
    await world.turn(400 * DAY);
    expect(await world.events('s')).toHaveLength(1);
  });
});

describe('runs that overlap', () => {
  it('Allow: they do', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { concurrencyPolicy: 'Allow' });
    await world.turn(3 * MINUTE);
    expect(await world.runs()).toHaveLength(3);
  });

  it('Forbid: the tick is journaled and filtered, and says by what', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { concurrencyPolicy: 'Forbid' });
    await world.apply('other', { concurrencyPolicy: 'Forbid' });
    await world.turn(2 * MINUTE);
    const runs = await world.runs();
    const mine = runs.find(({ metadata }) => metadata.labels?.['tappet.dev/schedule'] === 's');
    if (mine === undefined) throw new Error('a run expected');
    expect(runs).toHaveLength(2);
    const [, second] = await world.events('s');
    expect(second?.verdicts).toMatchObject([
      {
        verdict: 'filtered',
        trigger: 'build',
        reason: `concurrencyPolicy Forbid: PipelineRun ${mine.metadata.name}, due 2026-11-23T12:01:00Z, has not ended`,
      },
    ]);
    // Over, be it well or badly, it is not in the way any more.
    await world.end(mine, 'False');
    await world.turn(MINUTE);
    expect((await world.runs()).filter(({ metadata }) => metadata.labels?.['tappet.dev/schedule'] === 's')).toHaveLength(2);
  });

  it('Forbid: ticks caught up together do not overlook each other', async () => {
    const world = newWorld();
    const server = await world.startServer();
    await world.apply('s', { concurrencyPolicy: 'Forbid', catchUp: { limit: 5 } });
    await world.turn(SECOND);
    await server.close();
    world.clock.set(Date.parse('2026-11-23T12:05:30Z'));
    await world.startServer();
    await world.turn(SECOND);
    expect((await world.events('s')).map(({ verdicts }) => verdicts[0]?.verdict)).toEqual([
      'matched',
      'filtered',
      'filtered',
      'filtered',
      'filtered',
    ]);
    expect(await world.runs()).toHaveLength(1);
  });

  it('Forbid: a child of a run, with the labels of its parent, is not another run; nor is the run of the tick itself', async () => {
    const world = newWorld();
    const schedule = await world.apply('s', { concurrencyPolicy: 'Forbid' });
    await world.startServer();
    await world.turn(MINUTE);
    const [run] = await world.runs();
    if (run === undefined) throw new Error('a run expected');
    const { labels, annotations, name, uid } = run.metadata;
    const owner = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name, uid, controller: true };
    await world.create({
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name: 'child', namespace: 'ns', labels, annotations, ownerReferences: [owner] },
      spec: {},
    });
    await world.turn(SECOND);
    expect((await world.status('s')).active).toHaveLength(1);
    await world.end(run, 'True');
    // As after a crash between what a tick creates and the journal's word on it, where the two are not one database.
    const own = tickEventId(schedule.metadata.uid, Date.parse('2026-11-23T12:02:00Z'));
    const marks = { ...labels, 'triggers.tekton.dev/triggers-eventid': own };
    await world.create({ ...run, metadata: { name: 'own', namespace: 'ns', labels: marks, annotations }, status: {} });
    await world.turn(MINUTE);
    expect((await world.events('s')).map(({ eventId, verdicts }) => [eventId, verdicts[0]?.verdict])).toEqual([
      [labels?.['triggers.tekton.dev/triggers-eventid'], 'matched'],
      [own, 'matched'],
    ]);
  });

  it('Replace: what runs is cancelled in the same breath, by the events it came from', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { concurrencyPolicy: 'Replace' });
    await world.turn(2 * MINUTE);
    const [first, second] = await world.events('s');
    expect(await world.runs()).toHaveLength(2);
    const { items } = await world.stores.store.list('tappet.dev/RunAction');
    expect(items).toMatchObject([
      {
        metadata: {
          namespace: 'ns',
          name: expect.stringMatching(/^s-replace-.{10}$/),
          labels: { 'tappet.dev/schedule': 's', 'triggers.tekton.dev/triggers-eventid': second?.eventId },
        },
        spec: {
          action: 'Cancel',
          kinds: ['PipelineRun'],
          selector: {
            matchLabels: { 'tappet.dev/schedule': 's' },
            matchExpressions: [{ key: 'triggers.tekton.dev/triggers-eventid', operator: 'In', values: [first?.eventId] }],
          },
          reason: 'concurrencyPolicy Replace: the next tick of Schedule s takes its place',
          ttl: '1h0m0s',
        },
      },
    ]);
    expect(second?.verdicts).toMatchObject([{ verdict: 'matched', created: [{ kind: 'RunAction' }, { kind: 'PipelineRun' }] }]);
    // Nothing runs: nothing to cancel.
    for (const run of await world.runs()) await world.end(run, 'True');
    await world.turn(MINUTE);
    expect((await world.stores.store.list('tappet.dev/RunAction')).items).toHaveLength(1);
  });

  it('Replace: a tick that creates nothing cancels nothing', async () => {
    const world = newWorld();
    await world.startServer();
    await world.apply('s', { concurrencyPolicy: 'Replace' });
    await world.turn(MINUTE);
    await world.apply('s', {
      concurrencyPolicy: 'Replace',
      trigger: {
        template: {
          spec: { resourcetemplates: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'x' }, spec: {} }] },
        },
      },
    });
    await world.turn(MINUTE);
    expect((await world.events('s')).at(-1)?.verdicts).toMatchObject([{ verdict: 'failed' }]);
    expect((await world.stores.store.list('tappet.dev/RunAction')).items).toEqual([]);
  });
});

describe('run now', () => {
  it('fires beside the schedule, suspended or not, and changes none of its times', async () => {
    const world = newWorld();
    const { schedules } = await world.startServer();
    await world.apply('s', { suspend: true });
    const answer = await schedules.runNow('ns/s');
    await world.settle();
    const [event] = await world.events('s');
    expect(answer).toEqual({ outcome: 'accepted', eventId: event?.eventId, scheduledFor: '2026-11-23T12:00:30Z' });
    expect(await world.bodies('s')).toMatchObject([
      { manual: true, scheduledFor: '2026-11-23T12:00:30Z', firedAt: '2026-11-23T12:00:30Z' },
    ]);
    expect(event?.verdicts).toMatchObject([{ verdict: 'matched' }]);
    await schedules.runNow('ns/s');
    await world.turn(SECOND);
    expect(await world.runs()).toHaveLength(2);
    expect((await world.status('s')).lastScheduledFor).toBeUndefined();
    expect(await schedules.runNow('ns/none')).toEqual({ outcome: 'unknown' });
  });
});

describe('a journal that is away', () => {
  it('is asked again, and the tick is not lost; others go on', async () => {
    const world = newWorld();
    let refusals = 3;
    const { journal } = world.stores;
    await world.startServer({
      ...journal,
      append: (delivery) =>
        delivery.listener === 'schedule/s' && refusals-- > 0
          ? Promise.reject(new StoreError('Unavailable', 'away'))
          : journal.append(delivery),
    });
    await world.apply('s', {});
    await world.apply('other', {});
    await world.turn(31 * SECOND);
    expect(await world.fired('s')).toEqual([]);
    expect(await world.fired('other')).toEqual(['12:01:00']);
    await world.turn(5 * SECOND);
    expect(await world.fired('s')).toEqual(['12:01:00']);
    expect(await world.runs()).toHaveLength(2);
  });
});
