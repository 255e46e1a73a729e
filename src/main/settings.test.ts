import { describe, expect, it } from 'vitest';
import { parseAllowRule } from '../http/allow-rule.ts';
import { parseSettings } from './settings.ts';

describe('outbound settings', () => {
  it('allow nothing when nothing is said', () => {
    expect(parseSettings({ dataDir: '/data' })).toMatchObject({ settings: { outbound: { allow: [], allowPrivate: false } } });
  });

  it('allow what they name', () => {
    const parsed = parseSettings({ dataDir: '/data', outbound: { allow: ['hooks.internal', '10.0.0.0/8'], allowPrivate: true } });
    const allow = [parseAllowRule('hooks.internal'), parseAllowRule('10.0.0.0/8')];
    expect(parsed).toMatchObject({ ok: true, settings: { outbound: { allow, allowPrivate: true } } });
  });

  it.each([
    [{ allow: ['hooks.internal', 'http://x/'] }, /^outbound\.allow\.1: got "http:\/\/x\/", expected a host name, an address or a range/],
    [{ allow: '127.0.0.1' }, /^outbound\.allow: got "127\.0\.0\.1", expected array/],
    [{ allow: [1] }, /^outbound\.allow\.0: got 1, expected string/],
    [{ allowPrivate: 'yes' }, /^outbound\.allowPrivate: got "yes", expected boolean/],
    [{ allowed: [] }, /^outbound\.allowed: no such setting; there are allow, allowPrivate$/],
    ['everything', /^outbound: got "everything", expected object/],
  ])('%j is refused, with its place', (outbound, error) => {
    expect(parseSettings({ dataDir: '/data', outbound })).toEqual({ ok: false, errors: [expect.stringMatching(error)] });
  });
});
