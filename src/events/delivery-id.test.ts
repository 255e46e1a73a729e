import { describe, expect, it } from 'vitest';
import { deliveryIdOf } from './delivery-id.ts';

const idOf = (headers: Record<string, string>, payload: unknown = {}, body = '{}', signed?: string) =>
  deliveryIdOf(
    {
      method: 'POST',
      url: '/',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      body: Buffer.from(body),
      receivedAt: 0,
    },
    payload,
    signed,
  );

describe('deliveryIdOf', () => {
  it.each([
    [{ 'X-Github-Delivery': 'a' }, 'a'],
    [{ 'Idempotency-Key': 'b', 'X-Gitlab-Event-Uuid': 'x' }, 'b'],
    [{ 'Webhook-Id': 'c' }, 'c'],
    [{ 'X-Request-Uuid': 'd' }, 'd'],
    [{ 'X-Request-Uuid': 'd', 'X-Hook-Uuid': '{h}' }, '{h} d'],
    [{ 'X-Hook-Uuid': '{h}' }, undefined],
    [{ 'X-Request-Id': 'f' }, 'f'],
    [{ 'X-Request-Id': 'f', 'X-Request-Uuid': 'd' }, 'd'],
    [{ 'Webhook-Id': 'c', 'X-Github-Delivery': 'a', 'Idempotency-Key': 'b' }, 'c'],
    [{ 'X-Gitea-Delivery': 'e' }, 'e'],
    [{ 'Ce-Id': '1', 'Ce-Source': '/s' }, '/s 1'],
    [{ 'X-Github-Delivery': '' }, undefined],
    [{}, undefined],
  ])('%j: %s', (headers, expected) => {
    expect(idOf(headers)).toBe(expected);
  });

  it('takes what the sender has signed before what anybody may add', () => {
    expect(idOf({ 'X-Github-Delivery': 'a', 'Webhook-Id': 'c' }, {}, '{}', 'Ev1')).toBe('Ev1');
    expect(idOf({ 'X-Github-Delivery': 'a' }, {}, '{}', '')).toBe('a');
    expect(idOf({}, {}, '{}', 'x'.repeat(10_000))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not take a proxy’s number for a repeated delivery’s', () => {
    const headers = { 'X-Gitlab-Event-Uuid': 'u' };
    expect(idOf({ ...headers, 'X-Request-Id': '1' })).toBe(idOf({ ...headers, 'X-Request-Id': '2' }));
  });

  it('tells GitLab events of one origin apart by their bodies', () => {
    const headers = { 'X-Gitlab-Event-Uuid': 'u' };
    expect(idOf(headers, {}, '{"a":1}')).toBe(idOf(headers, {}, '{"a":1}'));
    expect(idOf(headers, {}, '{"a":1}')).not.toBe(idOf(headers, {}, '{"a":2}'));
  });

  it('reads a structured CloudEvent', () => {
    const headers = { 'Content-Type': 'application/cloudevents+json; charset=utf-8' };
    expect(idOf(headers, { id: '1', source: 's' })).toBe('s 1');
    expect(idOf(headers, { id: 1 })).toBeUndefined();
    expect(idOf(headers, null)).toBeUndefined();
    expect(idOf({}, { id: '1', source: 's' })).toBeUndefined();
  });

  it('bounds what a sender makes us keep', () => {
    expect(idOf({ 'X-Github-Delivery': 'x'.repeat(10_000) })).toMatch(/^[0-9a-f]{64}$/);
  });
});
