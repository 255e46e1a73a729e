import { describe, expect, it } from 'vitest';
import { parseSettings } from './settings.ts';

const parse = (events: unknown) => parseSettings({ dataDir: '/data', events });
const DAY = 86_400_000;

describe('events.retention', () => {
  it.each([
    [undefined, { maxAge: 30 * DAY, maxCount: 100_000 }],
    [{}, { maxAge: 30 * DAY, maxCount: 100_000 }],
    [{ retention: { maxAge: '7d' } }, { maxAge: 7 * DAY, maxCount: 100_000 }],
    [{ retention: { maxAge: '0.5d', maxCount: 10 } }, { maxAge: DAY / 2, maxCount: 10 }],
    [{ retention: { maxAge: '1h30m' } }, { maxAge: 5_400_000, maxCount: 100_000 }],
  ])('%j', (events, retention) => {
    expect(parse(events)).toMatchObject({ ok: true, settings: { events: { retention } } });
  });

  const time = 'expected a time longer than nothing, e.g. 30d, 12h or 1h30m';
  it.each([
    [{ retention: { maxAge: '30 days' } }, `events.retention.maxAge: got "30 days", ${time}`],
    [{ retention: { maxAge: '0d' } }, `events.retention.maxAge: got "0d", ${time}`],
    [{ retention: { maxAge: '-1h' } }, `events.retention.maxAge: got "-1h", ${time}`],
    [{ retention: { maxAge: 30 } }, 'events.retention.maxAge: got 30, expected string'],
    [{ retention: { maxCount: 0 } }, 'events.retention.maxCount: got 0, expected at least 1'],
    [{ retention: { maxage: '1d' } }, 'events.retention.maxage: no such setting; there are maxAge, maxCount'],
    [{ keep: 1 }, 'events.keep: no such setting; there are retention'],
  ])('%j is refused', (events, error) => {
    expect(parse(events)).toEqual({ ok: false, errors: [error] });
  });
});
