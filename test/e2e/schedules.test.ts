import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEntry } from '../../src/cli/event.ts';
import type { Stored } from '../../src/resources/object.ts';
import type { Schedule } from '../../src/resources/schedule/schema.ts';
import { type Ran, runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** Schedules as their users meet them: the built program, SQLite, real seconds. */

const scheduleYaml = (name: string, cron: string, more = ''): string => `apiVersion: tappet.dev/v1alpha1
kind: Schedule
metadata: {name: ${name}}
spec:
  schedule: "${cron}"
${more}  trigger:
    name: note
    bindings: [{name: due, value: $(body.scheduledFor)}]
    template:
      spec:
        params: [{name: due}]
        resourcetemplates:
        - {apiVersion: v1, kind: ConfigMap, metadata: {generateName: ${name}-}, data: {due: $(tt.params.due)}}
`;

let folder: string;
let server: TestServer;
const on = (...args: readonly string[]): Promise<Ran> => runTappet([...args, '--data-dir', join(folder, 'data')]);
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(20);
  }
}
const ticksOf = (name: string): Promise<readonly EventEntry[]> =>
  server.client.events<EventEntry>('default', { listener: `schedule/${name}` });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-schedules-'));
  server = await startServer(join(folder, 'data'), ['--engine', 'none', '--log-level', 'error']);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('tappet schedules', () => {
  it('shows what is there, from the server and from files', async () => {
    const path = file('nightly.yaml', scheduleYaml('nightly', '30 2 * * *', '  timeZone: Asia/Kathmandu\n'));
    expect((await on('apply', '-f', path)).stdout).toBe('schedule.tappet.dev/nightly created\n');
    for (const { code, stdout } of [await on('schedules'), await runTappet(['schedules', '-f', path])]) {
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^NAME {5}CRON {8}ZONE {12}SUSPENDED {2}LAST\nnightly {2}30 2 \* \* \* {2}Asia\/Kathmandu {2}no {9}never\n(?: {2}\w{3} \d{4}-\d\d-\d\d 02:30:00 \+05:45 {2}in \w+\n){5}$/,
      );
    }
    expect((await on('describe', 'schedule', 'nightly')).stdout).toMatch(
      /\nNext fires:\n(?: {2}\w{3} .* 02:30:00 \+05:45 .*\n){5}\nSpec:\n/,
    );
    const { items } = JSON.parse((await on('schedules', '-o', 'json')).stdout);
    expect(items).toMatchObject([{ namespace: 'default', name: 'nightly', timeZone: 'Asia/Kathmandu', suspend: false }]);
    expect(items[0].nextFires).toHaveLength(5);
    expect((await on('schedules', '-n', 'elsewhere')).stderr).toBe('No schedules in namespace elsewhere.\n');
  });

  it('tells what is wrong with a file, where it stands', async () => {
    const path = file('wrong.yaml', scheduleYaml('wrong', '0 26 * * *', '  timeZone: Berlin\n  concurrencyPolicy: Queue\n'));
    expect(await runTappet(['schedules', '-f', path])).toEqual({
      code: 2,
      stdout: '',
      stderr: `${path}:7: spec.concurrencyPolicy: got "Queue", expected one of "Allow", "Forbid", "Replace"\n`,
    });
    const half = file('half.yaml', scheduleYaml('half', '0 26 * * *', '  timeZone: Berlin\n'));
    expect((await runTappet(['schedules', '-f', half])).stderr).toBe(
      `${half}:6: spec.timeZone: invalid value: Berlin: "Berlin" is no time zone, expected Europe/Berlin\n` +
        `${half}:5: spec.schedule: invalid value: 0 26 * * *: at character 3: hour: got "26", expected a number from 0 to 23, a range or "*"\n`,
    );
    const none = file('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n');
    expect((await runTappet(['schedules', '-f', none])).stderr).toBe(`${none}: no Schedule in there\n`);
  });

  it('run: fires now, and says which event it is', async () => {
    await on('apply', '-f', file('manual.yaml', scheduleYaml('manual', '@yearly', '  suspend: true\n')));
    const { code, stdout, stderr } = await on('schedules', 'run', 'manual');
    expect([code, stderr]).toEqual([0, 'accepted; "tappet event ID" tells what came of it\n']);
    const event = await until(async () => (await ticksOf('manual')).find(({ state }) => state === 'processed'));
    expect(event).toMatchObject({
      eventId: stdout.trim(),
      verdicts: [{ verdict: 'matched', trigger: 'note', created: [{ kind: 'ConfigMap' }] }],
    });
    expect(await on('schedules', 'run', 'nothing')).toEqual({ code: 1, stdout: '', stderr: 'schedules.tappet.dev "nothing" not found\n' });
  });

  it('suspend and resume: it rests, and makes up for nothing', async () => {
    await on('apply', '-f', file('often.yaml', scheduleYaml('often', '* * * * * *')));
    await until(async () => ((await ticksOf('often')).length >= 2 ? true : undefined));
    expect((await on('schedules', 'suspend', 'often')).stdout).toBe('schedule.tappet.dev/often suspended\n');
    expect((await on('get', 'schedules', 'often')).stdout).toMatch(/^NAME .*\noften {2}\* \* \* \* \* \* {2}UTC {3}yes /);
    const rested = Math.floor(Date.now() / 1_000) + 2;
    await until(async () => (Date.now() > (rested + 2) * 1_000 ? true : undefined));
    expect((await on('schedules', 'resume', 'often')).stdout).toBe('schedule.tappet.dev/often resumed\n');
    const resumed = Math.floor(Date.now() / 1_000);
    const due = (entry: EventEntry): number => Date.parse(entry.deliveryId?.split(' ')[1] ?? '') / 1_000;
    await until(async () => (await ticksOf('often')).find((entry) => due(entry) > resumed));
    await on('delete', 'schedule', 'often');
    const ticks = (await ticksOf('often')).map(due);
    expect(new Set(ticks).size).toBe(ticks.length);
    expect(ticks.filter((tick) => tick >= rested && tick < rested + 2)).toEqual([]);
  });
});

describe('the API', () => {
  it('serves the kind as any other', async () => {
    const { object } = await server.client.patch('tappet.dev/Schedule', 'default', 'nightly', { spec: { jitter: '90s' } });
    expect((object as unknown as Stored<Schedule>).spec.jitter).toBe('1m30s');
    await expect(
      server.client.patch('tappet.dev/Schedule', 'default', 'nightly', { spec: { schedule: '61 * * * *' } }),
    ).rejects.toMatchObject({ code: 422, causes: [{ field: 'spec.schedule' }] });
    const answer = await fetch(`${server.record.api}/apis/tappet.dev/v1alpha1`, {
      headers: { authorization: `Bearer ${server.record.token}` },
    });
    expect(await answer.json()).toMatchObject({
      resources: expect.arrayContaining([expect.objectContaining({ name: 'schedules', shortNames: ['sched'] })]),
    });
  });
});
