import { type ForgeApi, forgeApi } from '../forges/forge-api.ts';
import { githubAccess, githubToken } from '../forges/github-access.ts';
import { isCollaborator, isInOwnersFile, isPublicMember, type Membership } from '../forges/github-members.ts';
import { jsonField, textField } from '../forges/json-field.ts';
import { readToken } from '../forges/read-token.ts';
import type { OpenEvent } from '../open-event.ts';
import { repositoryOf } from './changed-files.ts';
import type { OwnersParams } from './github-api-params.ts';
import type { GithubCall } from './github-call.ts';
import { type InterceptorAnswer, type Refusal, stop, wrong } from './interceptor.ts';

/** Upstream's; see `interceptors/commands.ts` for commands that name the commit they are about. */
const okToTest = /(^|\n)\/ok-to-test(\r\n|\r|\n|$)/;

/**
 * Lets pull requests of owners and members pass, and comments of theirs with a line `/ok-to-test`; events of other types pass as they are.
 * What cannot be found out does not pass. Order and words as upstream. reference/triggers.md 2.5.
 */
export async function githubOwners(call: GithubCall, { personalAccessToken: ref, checkType }: OwnersParams): Promise<InterceptorAnswer> {
  const { event, eventType, hosts, verified, namespace, outside } = call;
  if (eventType !== 'pull_request' && eventType !== 'issue_comment') return { outcome: 'continue' };
  if (ref?.secretKey === '') return noToken('github interceptor personalAccessToken.secretKey is empty');
  const secret = ref && (await readToken(outside, namespace, ref, githubToken));
  if (secret?.ok === false) return noToken(secret.message);
  if (secret === undefined && checkType !== 'none') {
    const message = 'checkType is set to check org or repo members but no personalAccessToken was supplied';
    return wrong('FailedPrecondition', message);
  }
  const known = githubAccess(event, hosts, verified);
  if (!known.ok) return wrong('FailedPrecondition', `error making client: ${known.message}`);
  const payload = readPayload(event, eventType);
  if (!payload.ok) return stop('FailedPrecondition', `error parsing body: ${payload.error}`);
  // Upstream asks the API first; nothing that it could say lets this comment pass.
  if (eventType === 'issue_comment' && !okToTest.test(payload.comment)) return notMet();

  const allowed = await isAllowed(forgeApi({ ...known.access, token: secret?.token }, event, outside), payload, checkType);
  if (!allowed.ok) return wrong('FailedPrecondition', `error checking owner verification: ${allowed.message}`);
  return allowed.member ? { outcome: 'continue' } : notMet();
}

function noToken(why: string): Refusal {
  return wrong('FailedPrecondition', `error getting github token: ${why}`);
}

function notMet(): Refusal {
  return stop('FailedPrecondition', 'owners check requirements not met');
}

/** Whoever one of the questions says yes to; the first that cannot be answered ends it. */
async function isAllowed(api: ForgeApi, { repository, sender }: OwnersPayload, checkType: string): Promise<Membership> {
  const [, owner = ''] = repository.split('/');
  const questions = [
    ...(checkType === 'orgMembers' || checkType === 'all' ? [() => isPublicMember(api, owner, sender)] : []),
    ...(checkType === 'repoMembers' || checkType === 'all' ? [() => isCollaborator(api, repository, sender)] : []),
    () => isInOwnersFile(api, repository, sender),
  ];
  for (const ask of questions) {
    const membership = await ask();
    if (!membership.ok || membership.member) return membership;
  }
  return { ok: true, member: false };
}

interface OwnersPayload {
  /** Below the API. */
  readonly repository: string;
  readonly sender: string;
  readonly comment: string;
}

type ReadPayload = ({ readonly ok: true } & OwnersPayload) | { readonly ok: false; readonly error: string };

function readPayload(event: OpenEvent, eventType: 'pull_request' | 'issue_comment'): ReadPayload {
  const json = event.json();
  if (!json.ok) return { ok: false, error: 'payload body is no JSON' };
  if (json.value === null) return { ok: false, error: 'payload body is empty' };
  const body = json.value;
  const missing = eventType === 'pull_request' ? missingOfPullRequest(body) : missingOfComment(body);
  if (missing !== undefined) return { ok: false, error: missing };
  const repository = repositoryOf(body);
  if (!repository.ok) return repository;
  if (!isObject(jsonField(body, 'sender'))) return { ok: false, error: "payload body missing 'sender' field" };
  return { ok: true, repository: repository.path, sender: textField(body, 'sender', 'login'), comment: textField(body, 'comment', 'body') };
}

function missingOfPullRequest(body: unknown): string | undefined {
  return jsonField(body, 'number') === undefined ? "pull_request body missing 'number' field" : undefined;
}

function missingOfComment(body: unknown): string | undefined {
  if (!isObject(jsonField(body, 'issue'))) return "issue_comment body missing 'issue' section";
  if (jsonField(body, 'issue', 'number') === undefined) return "'number' field missing in the issue section of issue_comment body";
  if (!isObject(jsonField(body, 'comment'))) return "issue_comment body missing 'comment' section";
  if (jsonField(body, 'comment', 'body') === undefined) return "'body' field missing in the comment section of issue_comment body";
  return undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
