import { describe, expect, it } from 'vitest';
import { admit } from '../admit.ts';
import { defaultEngineConfig } from '../engine-config.ts';
import { renderFieldErrors } from '../field-error.ts';

const template = { ref: 'build' };

function admitted(spec: object) {
  const raw = { apiVersion: 'tappet.dev/v1alpha1', kind: 'Schedule', metadata: { name: 'nightly', namespace: 'ns' }, spec };
  return admit(raw, defaultEngineConfig);
}

function errorsOf(spec: object): string {
  const result = admitted(spec);
  return result.ok ? '' : renderFieldErrors(result.errors);
}

function specOf(spec: object): unknown {
  const result = admitted(spec);
  if (!result.ok) throw new Error(renderFieldErrors(result.errors));
  return result.object['spec'];
}

describe('a Schedule', () => {
  it('gets what it does not say', () => {
    expect(specOf({ schedule: '0 2 * * *', trigger: { template, bindings: [{ name: 'a', value: 'b' }] } })).toEqual({
      schedule: '0 2 * * *',
      timeZone: 'UTC',
      catchUp: { window: '24h0m0s', limit: 1 },
      concurrencyPolicy: 'Allow',
      suspend: false,
      trigger: { template, bindings: [{ name: 'a', value: 'b', kind: 'TriggerBinding' }] },
    });
  });

  it('keeps what it says', () => {
    const said = {
      schedule: '*/15 * * * *',
      timeZone: 'Europe/Berlin',
      jitter: '5m0s',
      catchUp: { window: '0s', limit: 0 },
      concurrencyPolicy: 'Forbid',
      suspend: true,
      eventListener: 'all',
    };
    expect(specOf(said)).toEqual(said);
    expect(specOf({ ...said, catchUp: { limit: 3 } })).toMatchObject({ catchUp: { window: '24h0m0s', limit: 3 } });
  });

  it('takes its zone from the front of the pattern, again and again', () => {
    const once = specOf({ schedule: 'CRON_TZ=Asia/Tokyo 0 2 * * *', trigger: { template } });
    expect(once).toMatchObject({ timeZone: 'Asia/Tokyo' });
    expect(specOf(once as object)).toEqual(once);
  });

  it.each([
    ['no schedule', { trigger: { template } }, 'missing field(s): spec.schedule'],
    ['nothing to fire', { schedule: '@daily' }, 'expected exactly one, got neither: spec.eventListener, spec.trigger'],
    ['an empty listener', { schedule: '@daily', eventListener: '' }, 'expected exactly one, got neither: spec.eventListener, spec.trigger'],
    [
      'two things',
      { schedule: '@daily', eventListener: 'a', trigger: { template } },
      'expected exactly one, got both: spec.eventListener, spec.trigger',
    ],
    [
      'a trigger that is none',
      { schedule: '@daily', trigger: {} },
      'expected exactly one, got neither: spec.trigger.template, spec.trigger.triggerRef',
    ],
    [
      'an hour too far',
      { schedule: '0 25 * * *', eventListener: 'a' },
      'invalid value: 0 25 * * *: spec.schedule\nat character 3: hour: got "25", expected a number from 0 to 23, a range or "*"',
    ],
    [
      'no such zone',
      { schedule: '@daily', timeZone: 'Berlin', eventListener: 'a' },
      'invalid value: Berlin: spec.timeZone\n"Berlin" is no time zone, expected Europe/Berlin',
    ],
    [
      'no such zone and no such hour',
      { schedule: '0 25 * * *', timeZone: 'Mars', eventListener: 'a' },
      'invalid value: 0 25 * * *: spec.schedule\nat character 3: hour: got "25", expected a number from 0 to 23, a range or "*"\ninvalid value: Mars: spec.timeZone\n"Mars" is no time zone, expected an IANA name like Europe/Berlin or UTC',
    ],
    [
      'no such zone in front',
      { schedule: 'TZ=Berlin @daily', eventListener: 'a' },
      'invalid value: TZ=Berlin @daily: spec.schedule\nat character 4: "Berlin" is no time zone, expected Europe/Berlin',
    ],
    [
      'two zones',
      { schedule: 'TZ=Asia/Tokyo @daily', timeZone: 'UTC', eventListener: 'a' },
      'invalid value: TZ=Asia/Tokyo @daily: spec.schedule\nat character 1: the time zone is given twice: "Asia/Tokyo" here and "UTC" in timeZone; leave out this one',
    ],
    [
      'a jitter of words',
      { schedule: '@daily', jitter: 'some', eventListener: 'a' },
      'invalid duration "some", expected one like 1h30m, 90s or 500ms: spec.jitter',
    ],
    [
      'a jitter back in time',
      { schedule: '@daily', jitter: '-5m', eventListener: 'a' },
      'invalid value: -5m0s: spec.jitter\nexpected a duration of 0s or more',
    ],
    [
      'a window of less than nothing',
      { schedule: '@daily', catchUp: { window: '-1s' }, eventListener: 'a' },
      'invalid value: -1s: spec.catchUp.window\nexpected a duration of 0s or more',
    ],
    [
      'a limit beyond all',
      { schedule: '@daily', catchUp: { limit: 101 }, eventListener: 'a' },
      'invalid value: 101: spec.catchUp.limit\nexpected a number from 0 to 100',
    ],
    [
      'a policy of its own',
      { schedule: '@daily', concurrencyPolicy: 'Queue', eventListener: 'a' },
      'got "Queue", expected one of "Allow", "Forbid", "Replace": spec.concurrencyPolicy',
    ],
    [
      'CronJob words',
      { schedule: '@daily', startingDeadlineSeconds: 60, eventListener: 'a' },
      'json: unknown field "startingDeadlineSeconds": spec.startingDeadlineSeconds',
    ],
  ])('is refused with %s', (_what, spec, expected) => {
    expect(errorsOf(spec)).toBe(expected);
  });

  it('warns of what its trigger says in vain', () => {
    const result = admitted({ schedule: '@daily', trigger: { template, serviceAccountName: 'builder' } });
    expect(result.ok && result.warnings).toEqual([expect.stringMatching(/^spec\.trigger\.serviceAccountName: /)]);
  });
});
