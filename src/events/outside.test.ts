import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createOutside } from './outside.ts';
import { secretCache } from './secret-cache.ts';

const outside = createOutside({
  secrets: { read: () => Promise.resolve(undefined) },
  http: { send: async () => ({ ok: false, code: 'Unreachable', message: 'nobody is there' }), close: async () => {} },
  clock: new ManualClock(),
});
const body = Buffer.from('{"a":1}');
const secret = Buffer.from('s3cret');
const sign = (algorithm: string) => createHmac(algorithm, secret).update(body).digest('hex');

describe('verifyHmac', () => {
  it.each(['sha1', 'sha256', 'sha512'] as const)('%s', (algorithm) => {
    expect(outside.verifyHmac(algorithm, secret, body, sign(algorithm))).toBe(true);
    expect(outside.verifyHmac(algorithm, secret, Buffer.from('{"a":2}'), sign(algorithm))).toBe(false);
    expect(outside.verifyHmac(algorithm, Buffer.from('s3cret\n'), body, sign(algorithm))).toBe(false);
  });

  it.each(['', 'zz', '00', `${sign('sha256')}zz`, `${sign('sha256')}00`, sign('sha1')])('refuses %s', (signature) => {
    expect(outside.verifyHmac('sha256', secret, body, signature)).toBe(false);
  });

  it('never verifies with an empty secret', () => {
    const empty = Buffer.alloc(0);
    expect(outside.verifyHmac('sha256', empty, body, createHmac('sha256', empty).update(body).digest('hex'))).toBe(false);
  });
});

describe('equalSecret', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['', '', false],
    ['', 'a', false],
  ])('%j %j', (a, b, equal) => {
    expect(outside.equalSecret(Buffer.from(a), Buffer.from(b))).toBe(equal);
  });
});

describe('secretCache', () => {
  const setUp = () => {
    let now = 0;
    const answers: (Buffer | Error | undefined)[] = [];
    let asked = 0;
    const cache = secretCache(
      {
        read: () => {
          asked++;
          const answer = answers.shift();
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
      },
      { now: () => now, at: () => () => {} },
    );
    return { cache, answers, asked: () => asked, pass: (ms: number) => (now += ms) };
  };

  it('asks once in five seconds, for what is missing too', async () => {
    const { cache, answers, asked, pass } = setUp();
    answers.push(undefined, Buffer.from('new'));
    expect(await cache.read('ns', 'a', 'k')).toBeUndefined();
    pass(4_999);
    expect(await cache.read('ns', 'a', 'k')).toBeUndefined();
    expect(asked()).toBe(1);
    pass(1);
    expect(await cache.read('ns', 'a', 'k')).toEqual(Buffer.from('new'));
    await cache.read('ns', 'a', 'other');
    expect(asked()).toBe(3);
  });

  it('does not remember that it could not ask', async () => {
    const { cache, answers } = setUp();
    answers.push(new Error('away'), Buffer.from('v'));
    await expect(cache.read('ns', 'a', 'k')).rejects.toThrow('away');
    expect(await cache.read('ns', 'a', 'k')).toEqual(Buffer.from('v'));
  });
});
