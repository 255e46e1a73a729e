import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutside } from '../../src/events/outside.ts';
import { bitbucket } from '../../src/triggers/interceptors/bitbucket.ts';
import { github } from '../../src/triggers/interceptors/github.ts';
import { gitlab } from '../../src/triggers/interceptors/gitlab.ts';
import type { InterceptorFactory } from '../../src/triggers/interceptors/interceptor.ts';
import { slack } from '../../src/triggers/interceptors/slack.ts';
import { askInterceptor } from '../support/ask-interceptor.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Every scheme over the real HMAC: what was signed verifies, and what differs from it in a single bit does not. */

const clock = new ManualClock();
const time = String(Math.floor(clock.now() / 1_000));

interface Sender {
  readonly factory: InterceptorFactory;
  /** The secret as it is kept, of a key. */
  readonly secretOf: (key: Buffer) => Buffer;
  readonly sign: (key: Buffer, body: Buffer) => Readonly<Record<string, string>>;
  /** The header that holds the signature, and where in it the signature itself begins. */
  readonly header: string;
  readonly prefix: string;
}

const hmac = (key: Buffer, ...parts: (string | Buffer)[]) =>
  createHmac('sha256', key).update(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

const senders: Readonly<Record<string, Sender>> = {
  GitHub: {
    factory: github,
    secretOf: (key) => key,
    sign: (key, body) => ({ 'X-Hub-Signature-256': `sha256=${hmac(key, body).digest('hex')}` }),
    header: 'X-Hub-Signature-256',
    prefix: 'sha256=',
  },
  Gogs: {
    factory: github,
    secretOf: (key) => key,
    sign: (key, body) => ({ 'X-Gogs-Signature': hmac(key, body).digest('hex') }),
    header: 'X-Gogs-Signature',
    prefix: '',
  },
  Bitbucket: {
    factory: bitbucket,
    secretOf: (key) => key,
    sign: (key, body) => ({ 'X-Hub-Signature': `sha256=${hmac(key, body).digest('hex')}` }),
    header: 'X-Hub-Signature',
    prefix: 'sha256=',
  },
  GitLab: {
    factory: gitlab,
    secretOf: (key) => Buffer.from(`whsec_${key.toString('base64')}`),
    sign: (key, body) => ({
      'Webhook-Id': 'msg',
      'Webhook-Timestamp': time,
      'Webhook-Signature': `v1,${hmac(key, `msg.${time}.`, body).digest('base64')}`,
    }),
    header: 'Webhook-Signature',
    prefix: 'v1,',
  },
  Slack: {
    factory: slack,
    secretOf: (key) => key,
    sign: (key, body) => ({
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Slack-Request-Timestamp': time,
      'X-Slack-Signature': `v0=${hmac(key, `v0:${time}:`, body).digest('hex')}`,
    }),
    header: 'X-Slack-Signature',
    prefix: 'v0=',
  },
};

// Without a newline at the end, which has its own message.
const key = fc
  .uint8Array({ minLength: 1, maxLength: 64 })
  .filter((bytes) => bytes.at(-1) !== 0x0a)
  .map((bytes) => Buffer.from(bytes));
// A form to Slack, and to the others as good as any bytes.
const body = fc.stringMatching(/^[a-z0-9]{1,40}(=[a-z0-9]{0,40})?$/).map((text) => Buffer.from(text));
const digit = fc.constantFrom(...'0123456789abcdef');

function ask({ factory, secretOf }: Sender, live: readonly Buffer[], headers: Readonly<Record<string, string>>, bytes: Buffer) {
  const outside = createOutside({
    secrets: { read: async (_namespace, _name, index) => secretOf(live[Number(index)] ?? Buffer.alloc(0)) },
    http: { send: async () => ({ ok: false, code: 'Unreachable', message: 'nobody is there' }), close: async () => {} },
    clock,
  });
  const secretRefs = live.map((_, index) => ({ secretName: 'live', secretKey: String(index) }));
  return askInterceptor(factory, { params: { secretRefs }, headers, body: bytes, outside });
}

describe.each(Object.entries(senders))('%s', (_name, sender) => {
  it('what was signed with any live secret verifies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 4 }), fc.nat(), body, async (live, pick, bytes) => {
        const chosen = live[pick % live.length] as Buffer;
        expect(await ask(sender, live, sender.sign(chosen, bytes), bytes)).toMatchObject({ outcome: 'continue' });
      }),
    );
  });

  it('a bit changed in any byte of the body is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(key, body, fc.integer({ min: 0, max: 7 }), async (secret, bytes, bit) => {
        const headers = sender.sign(secret, bytes);
        for (let position = 0; position < bytes.length; position++) {
          const tampered = Buffer.from(bytes);
          tampered.writeUInt8(bytes.readUInt8(position) ^ (1 << bit), position);
          expect(await ask(sender, [secret], headers, tampered)).toMatchObject({ outcome: 'stop' });
        }
        for (const other of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from('\n')])]) {
          expect(await ask(sender, [secret], headers, other)).toMatchObject({ outcome: 'stop' });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('another character at any place of the signature is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(key, body, digit, async (secret, bytes, other) => {
        const headers = sender.sign(secret, bytes);
        const signature = (headers[sender.header] ?? '').slice(sender.prefix.length);
        for (let position = 0; position < signature.length; position++) {
          if (sameDigit(signature, position, other)) continue;
          const changed = `${sender.prefix}${signature.slice(0, position)}${other}${signature.slice(position + 1)}`;
          expect(await ask(sender, [secret], { ...headers, [sender.header]: changed }, bytes)).toMatchObject({ outcome: 'stop' });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('a signature by any other secret is refused, and no header makes anything throw', async () => {
    await fc.assert(
      fc.asyncProperty(key, key, body, fc.string({ maxLength: 100 }), async (secret, other, bytes, garbage) => {
        fc.pre(!secret.equals(other) && hmac(secret, 'x').digest('hex') !== hmac(other, 'x').digest('hex'));
        expect(await ask(sender, [secret], sender.sign(other, bytes), bytes)).toMatchObject({ outcome: 'stop' });
        for (const value of [garbage, `${sender.prefix}${garbage}`]) {
          expect(await ask(sender, [secret], { ...sender.sign(secret, bytes), [sender.header]: value }, bytes)).toMatchObject({
            outcome: 'stop',
          });
        }
      }),
    );
  });
});

/** The last digit of base64 before its padding holds bits that do not count. */
function sameDigit(signature: string, position: number, other: string): boolean {
  if (signature.charAt(position) === other) return true;
  return signature.endsWith('=') && position >= signature.length - 2;
}
