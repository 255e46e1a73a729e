import { forgeApi } from '../forges/forge-api.ts';
import { githubAccess, githubToken } from '../forges/github-access.ts';
import { readToken } from '../forges/read-token.ts';
import { askForFiles, changedFilesOf } from './changed-files.ts';
import type { GithubCall } from './github-call.ts';
import { type InterceptorAnswer, stop, wrong } from './interceptor.ts';
import type { SecretRef } from './params.ts';

/**
 * `extensions.changed_files`, joined by commas, for pushes and pull requests; other events go on without. Order and words as upstream.
 * reference/triggers.md 2.5.
 */
export async function addChangedFiles(
  { event, eventType, hosts, verified, namespace, outside }: GithubCall,
  { personalAccessToken: ref }: { readonly personalAccessToken: SecretRef | undefined },
): Promise<InterceptorAnswer> {
  if (eventType !== 'push' && eventType !== 'pull_request') return { outcome: 'continue' };
  if (ref?.secretKey === '') return wrong('FailedPrecondition', 'error getting secret: github interceptor githubToken.secretKey is empty');
  const secret = ref && (await readToken(outside, namespace, ref, githubToken));
  if (secret?.ok === false) return wrong('FailedPrecondition', `error getting secret: ${secret.message}`);

  const files = changedFilesOf(event, eventType);
  if (!files.ok) return stop('FailedPrecondition', `error parsing body: ${files.error}`);
  if ('names' in files) return withFiles(files.names);
  const known = githubAccess(event, hosts, verified);
  if (!known.ok) return wrong('FailedPrecondition', `error getting changed files: ${known.message}`);
  const asked = await askForFiles(forgeApi({ ...known.access, token: secret?.token }, event, outside), files.path);
  return asked.ok ? withFiles(asked.names) : wrong('FailedPrecondition', `error getting changed files: ${asked.message}`);
}

function withFiles(names: readonly string[]): InterceptorAnswer {
  return { outcome: 'continue', extensions: { changed_files: names.join(',') } };
}
