import { describe, expect, it } from 'vitest';
import type { Schedule } from '../resources/schedule/schema.ts';
import { widthOf } from './fit.ts';
import { schedulesText } from './schedules.ts';

const NOW = Date.parse('2026-10-24T10:00:00Z');

const schedule = (name: string, spec: Partial<Schedule['spec']>, status?: Schedule['status']): Schedule => ({
  apiVersion: 'tappet.dev/v1alpha1',
  kind: 'Schedule',
  metadata: { name, namespace: 'ns' },
  spec: { schedule: '@daily', timeZone: 'UTC', eventListener: 'el', ...spec },
  ...(status === undefined ? {} : { status }),
});
const text = (width: number, ...found: Schedule[]): string => schedulesText(found, NOW, width, false);

describe('schedules as text', () => {
  it('has the next five fires as the clocks of the zone show them, through a change of clocks', () => {
    const nightly = schedule(
      'nightly',
      { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' },
      { lastScheduledFor: '2026-10-24T00:30:00Z' },
    );
    expect(text(80, nightly)).toBe(`NAME     CRON        ZONE           SUSPENDED  LAST
nightly  30 2 * * *  Europe/Berlin  no         9h ago
  Sun 2026-10-25 02:30:00 +02:00  in 14h
  Mon 2026-10-26 02:30:00 +01:00  in 39h
  Tue 2026-10-27 02:30:00 +01:00  in 2d15h
  Wed 2026-10-28 02:30:00 +01:00  in 3d15h
  Thu 2026-10-29 02:30:00 +01:00  in 4d15h
`);
  });

  it('says why there are none, and what jitter adds', () => {
    const lines = text(
      80,
      schedule('rests', { suspend: true }),
      schedule('never', { schedule: '0 0 30 2 *' }),
      schedule('spread', { jitter: '5m0s' }),
    );
    expect(lines).toContain('rests   @daily      UTC   yes        never\n  does not fire while it is suspended\n');
    expect(lines).toContain('never   0 0 30 2 *  UTC   no         never\n  never fires\n');
    expect(lines).toMatch(/spread .*\n(?: {2}\w{3} .*\n){5} {2}each up to 5m0s later \(jitter\)\n$/);
  });

  it('tells what is wrong and what was missed, until a tick has come on its time', () => {
    const conditions = [
      { type: 'Ready', status: 'False' as const, reason: 'TriggersCannotFire', message: 'Trigger a: cannot fire: no template' },
      { type: 'Suspended', status: 'False' as const, reason: 'NotSuspended' },
    ];
    const lastCatchUp = { at: '2026-10-24T09:00:00Z', missed: 3, fired: 1, message: 'missed 3 ticks' };
    const told = text(80, schedule('s', {}, { conditions, lastCatchUp, lastScheduledFor: '2026-10-24T08:00:00Z' }));
    expect(told).toContain('  ! TriggersCannotFire: Trigger a: cannot fire: no template\n  ! missed 3 ticks\n');
    expect(text(80, schedule('s', {}, { lastCatchUp, lastScheduledFor: '2026-10-24T09:30:00Z' }))).not.toContain('!');
  });

  it('fits the terminal and is one line each, whatever stands in the fields', () => {
    const conditions = [{ type: 'Ready', status: 'False' as const, reason: 'X', message: `one\u001b[2J\ntwo ${'long '.repeat(60)}` }];
    const hostile = schedule(
      `a-${'very-'.repeat(10)}long-name`,
      { schedule: `0 0 ${'1,'.repeat(60)}2 * *`, timeZone: 'America/Argentina/ComodRivadavia' },
      { conditions },
    );
    const lines = schedulesText([hostile, hostile], NOW, 80, true).split('\n');
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
    expect(lines.join('')).not.toContain('\u001b');
  });
});
