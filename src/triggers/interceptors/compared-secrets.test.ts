import { describe, expect, it } from 'vitest';
import { readyInterceptor } from '../../../test/support/ask-interceptor.ts';
import { cel } from './cel.ts';

const ready = (params: Readonly<Record<string, unknown>>) => readyInterceptor(cel, { params });

describe('a filter that compares a secret', () => {
  it.each([
    "header.canonical('X-Chat-Token').compareSecret('token', 'chat')",
    "header['X-Chat-Token'][0].compareSecret('token', 'chat')",
    "header.canonical('Authorization').split(' ')[1].compareSecret('token', 'chat')",
    "body.token.compareSecret('token', 'chat')",
    "body.token.compareSecret('token', 'chat', 'ns')",
    "requestURL.parseURL().query['token'][0].compareSecret('token', 'chat')",
    "body.a == 1 && body.token.compareSecret('token', 'chat')",
    "body.a == 1 && (body.token.compareSecret('new', 'chat') || body.token.compareSecret('old', 'chat'))",
    "has(body.token) ? body.token.compareSecret('token', 'chat') : false",
  ])('guards: %s', (filter) => {
    expect(ready({ filter })).toMatchObject({ guards: true });
  });

  it.each([
    "body.a == 1 || body.token.compareSecret('token', 'chat')",
    "!body.token.compareSecret('token', 'chat')",
    "has(body.token) ? body.token.compareSecret('token', 'chat') : true",
    // The sender would choose the secret, or has nothing to say.
    "body.token.compareSecret(body.key, 'chat')",
    "body.token.compareSecret('token', body.name)",
    "'fixed'.compareSecret('token', 'chat')",
    "body.token == 'token'",
    'true',
  ])('does not guard: %s', (filter) => {
    expect(ready({ filter }).guards).toBeUndefined();
  });

  it('does not guard from an overlay', () => {
    expect(ready({ overlays: [{ key: 'ok', expression: "body.token.compareSecret('token', 'chat')" }] }).guards).toBeUndefined();
  });
});

describe('headers that are a secret', () => {
  it.each([
    ["header.canonical('x-chat-token').compareSecret('token', 'chat')", ['X-Chat-Token']],
    ["body.a == 1 || header['X-Chat-Token'][0].compareSecret('token', 'chat')", ['X-Chat-Token']],
    ["header.canonical('A').compareSecret('a', 's') && header.canonical('B').compareSecret('b', 's')", ['A', 'B']],
    // Of a part only a digest of that part would do, and nobody knows which part.
    ["header.canonical('Authorization').split(' ')[1].compareSecret('token', 'chat')", []],
    ["body.token.compareSecret('token', 'chat')", []],
    ["header.canonical('X-Y') == 'z'", []],
  ])('%s', (expression, expected) => {
    expect(ready({ filter: expression }).secretHeaders).toEqual(expected);
    expect(ready({ overlays: [{ key: 'ok', expression }] }).secretHeaders).toEqual(expected);
  });
});
