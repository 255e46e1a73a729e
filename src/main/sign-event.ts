import { createHmac } from 'node:crypto';

type Headers = Readonly<Record<string, readonly string[]>>;

export interface Signable {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Interceptors whose senders we can stand in for. */
export type Signer = 'github' | 'gitlab' | 'bitbucket' | 'slack';

export function isSigner(interceptor: string): interceptor is Signer {
  return Object.hasOwn(signers, interceptor);
}

/** The headers with which this sender proves, with the secret, where the event comes from. `now`: milliseconds since the epoch. */
export function signEvent(signer: Signer, secret: Buffer, event: Signable, now: number): Headers {
  return Object.fromEntries(
    Object.entries(signers[signer](secret, event, String(Math.floor(now / 1_000)))).map(([name, value]) => [name, [value]]),
  );
}

/** Whether the event looks like this sender's. */
export function isFrom(signer: Signer, { headers }: Signable): boolean {
  return Object.hasOwn(headers, EVENT_HEADERS[signer]);
}

const EVENT_HEADERS: Readonly<Record<Signer, string>> = {
  github: 'X-Github-Event',
  gitlab: 'X-Gitlab-Event',
  bitbucket: 'X-Event-Key',
  slack: 'X-Slack-Request-Timestamp',
};

/** Seconds since the epoch; what the event has itself of time and id is kept. */
type Sign = (secret: Buffer, event: Signable, seconds: string) => Readonly<Record<string, string>>;

const signers: Readonly<Record<Signer, Sign>> = {
  github: (secret, { body }) => ({ 'X-Hub-Signature-256': `sha256=${hmac(secret, body).toString('hex')}` }),
  bitbucket: (secret, { body }) => ({ 'X-Hub-Signature': `sha256=${hmac(secret, body).toString('hex')}` }),
  gitlab(secret, event, seconds) {
    const token = secret.toString('utf8');
    return token.startsWith(SIGNING)
      ? standardWebhook(Buffer.from(token.slice(SIGNING.length), 'base64'), event, seconds)
      : { 'X-Gitlab-Token': token };
  },
  slack(secret, { headers, body }, seconds) {
    const time = headers['X-Slack-Request-Timestamp']?.[0] ?? seconds;
    return {
      'X-Slack-Request-Timestamp': time,
      'X-Slack-Signature': `v0=${hmac(secret, Buffer.from(`v0:${time}:`), body).toString('hex')}`,
    };
  },
};

/** How GitLab's signing tokens begin. */
const SIGNING = 'whsec_';

function standardWebhook(key: Buffer, { headers, body }: Signable, seconds: string): Readonly<Record<string, string>> {
  const id = headers['Webhook-Id']?.[0] ?? 'msg_trigger-test';
  const time = headers['Webhook-Timestamp']?.[0] ?? seconds;
  const signature = hmac(key, Buffer.from(`${id}.${time}.`), body).toString('base64');
  return { 'Webhook-Id': id, 'Webhook-Timestamp': time, 'Webhook-Signature': `v1,${signature}` };
}

function hmac(secret: Buffer, ...parts: readonly Uint8Array[]): Buffer {
  const digest = createHmac('sha256', secret);
  for (const part of parts) digest.update(part);
  return digest.digest();
}
