import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Shot } from './load.ts';

export const BENCH_SECRET = 'tappet-bench-secret';

/** GitHub's own sample of an opened pull request, brought to about 20 KB; each copy has its own number, delivery id and signature. */
export function pullRequestShots(count: number): readonly Shot[] {
  const events: readonly { readonly name: string; readonly examples: readonly Record<string, unknown>[] }[] = createRequire(
    import.meta.url,
  )('@octokit/webhooks-examples');
  const example = events.find(({ name }) => name === 'pull_request')?.examples.find((candidate) => candidate['action'] === 'opened');
  if (example === undefined) throw new Error('the sample package has no pull_request.opened');
  return Array.from({ length: count }, (_, index) => {
    const body = Buffer.from(JSON.stringify({ ...example, number: index + 1 }));
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'pull_request',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${createHmac('sha256', BENCH_SECRET).update(body).digest('hex')}`,
      },
    };
  });
}
