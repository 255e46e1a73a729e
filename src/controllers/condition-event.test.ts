import { describe, expect, it } from 'vitest';
import { conditionEvents } from './condition-event.ts';

const status = (value: string, reason?: string, message?: string) => ({
  conditions: [{ type: 'Succeeded', status: value, reason, message }],
});

describe('what a change of the condition is worth', () => {
  it.each([
    ['the first word', undefined, status('Unknown', 'Started', 'x'), { type: 'Normal', reason: 'Started', message: '', goesOn: true }],
    [
      'the first word that is the last',
      undefined,
      status('False', 'CouldntGetTask', 'no'),
      { type: 'Warning', reason: 'Failed', message: 'no' },
    ],
    [
      'another reason',
      status('Unknown', 'Started'),
      status('Unknown', 'Running', 'm'),
      { type: 'Normal', reason: 'Running', message: 'm', goesOn: true },
    ],
    [
      'another message',
      status('Unknown', 'Running', '1'),
      status('Unknown', 'Running', '2'),
      { type: 'Normal', reason: 'Running', message: '2', goesOn: true },
    ],
    [
      'success',
      status('Unknown', 'Running'),
      status('True', 'Completed', 'done'),
      { type: 'Normal', reason: 'Succeeded', message: 'done' },
    ],
    ['failure', status('Unknown', 'Running'), status('False', 'StepFailed', 'oh'), { type: 'Warning', reason: 'Failed', message: 'oh' }],
    ['the same', status('Unknown', 'Running', '1'), status('Unknown', 'Running', '1'), undefined],
    ['the same, an empty message apart', status('True', 'Succeeded', ''), status('True', 'Succeeded'), undefined],
    ['no condition', status('Unknown'), { conditions: [{ type: 'Other', status: 'True' }] }, undefined],
    [
      'nonsense before',
      { conditions: 'x' },
      status('Unknown', 'Started'),
      { type: 'Normal', reason: 'Started', message: '', goesOn: true },
    ],
    ['nonsense now', undefined, { conditions: [null] }, undefined],
  ])('%s', (_what, before, now, event) => {
    expect(conditionEvents(before, now)).toEqual(event === undefined ? [] : [event]);
  });

  it.each([
    ['goes on at once', status('Unknown', 'Running', 'm'), [{ type: 'Normal', reason: 'Running', message: 'm', goesOn: true }]],
    ['fails at once', status('False', 'CouldntGetTask', 'no'), [{ type: 'Warning', reason: 'Failed', message: 'no' }]],
    ['has only started', status('Unknown', 'Started'), []],
  ])('a start is told of, and that it %s', (_what, now, more) => {
    const started = { type: 'Normal', reason: 'Started', message: '', goesOn: true };
    const startTime = '2026-01-01T00:00:00Z';
    expect(conditionEvents(undefined, { ...now, startTime })).toEqual([started, ...more]);
    expect(conditionEvents(status('Unknown', 'PipelineRunPending', 'p'), { ...now, startTime })).toEqual([started, ...more]);
  });
});
