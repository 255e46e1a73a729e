import { createRequire } from 'node:module';
import { CliError, exitCodes } from './cli-error.ts';
import { field } from './columns.ts';

interface WebhookExamples {
  readonly name: string;
  readonly examples: readonly unknown[];
}

/** GitHub's own sample of an event, with or without its action: `pull_request.opened`, `push`. The caller's to change. */
export async function githubSample(event: string): Promise<Record<string, unknown>> {
  const { emitterEventNames } = await import('@octokit/webhooks');
  const [name, action] = event.split('.');
  if (!emitterEventNames.some((known) => known === name)) {
    const names = emitterEventNames.filter((known) => !known.includes('.'));
    throw new CliError(exitCodes.usage, `GitHub has no event "${name}"; known: ${names.join(', ')}`);
  }
  // 9 MB of JSON: loaded only by this command. A JSON package, which Node 20 imports only with `require`.
  const require = createRequire(import.meta.url);
  const events: readonly WebhookExamples[] = require('@octokit/webhooks-examples');
  const found = events.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new CliError(
      exitCodes.usage,
      `there is no sample of "${event}"; bring a body of your own, or take one of: ${events.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  const { examples } = found;
  const example = action === undefined ? examples[0] : examples.find((candidate) => field(candidate, 'action') === action);
  if (typeof example !== 'object' || example === null) {
    const actions = [...new Set(examples.map((candidate) => field(candidate, 'action')).filter((known) => typeof known === 'string'))];
    throw new CliError(exitCodes.usage, `no sample of ${event}; actions of ${name}: ${actions.join(', ')}`);
  }
  return structuredClone(example) as Record<string, unknown>;
}
