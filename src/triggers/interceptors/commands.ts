import { type CommandParams, type CommandRule, readCommandParams } from '../commands/command-params.ts';
import type { CommentForge, PullComment, PullRequest } from '../commands/comment-forge.ts';
import { isCommitId } from '../commands/commit-id.ts';
import { type FoundCommand, findCommand } from '../commands/find-command.ts';
import { githubComments } from '../commands/github-comments.ts';
import { gitlabComments } from '../commands/gitlab-comments.ts';
import { suffices } from '../commands/permission.ts';
import { forgeApi } from '../forges/forge-api.ts';
import { type ForgeToken, readToken } from '../forges/read-token.ts';
import { firstHeader, type OpenEvent } from '../open-event.ts';
import {
  brokenInterceptor,
  type Interceptor,
  type InterceptorAnswer,
  type InterceptorCall,
  type InterceptorFactory,
  type Refusal,
  stop,
  wrong,
} from './interceptor.ts';
import { readParams } from './params.ts';

const forges: Readonly<Record<'github' | 'gitlab', CommentForge>> = { github: githubComments, gitlab: gitlabComments };

/**
 * Ours: a new comment on a pull request whose first command line is one of `commands`, by somebody who may, as the forge says at this moment;
 * nothing that the event says of a person's rights is believed, and what cannot be found out is a no. Goes on with `extensions.command`, which
 * names the commit that was the head when the command was judged, so that what runs is what was meant. It does not verify where the event
 * comes from: an interceptor before it does.
 */
export const commands: InterceptorFactory = (given): Interceptor => {
  const read = readParams(given, readCommandParams);
  if (!read.ok) return brokenInterceptor('commands', 'InvalidArgument', read.message);
  if (!read.params.ok) return brokenInterceptor('commands', 'InvalidArgument', read.params.defect);
  const { params } = read.params;
  return {
    name: 'commands',
    warnings: params.warnings,
    conditions: params.forge === undefined ? [] : forges[params.forge].conditions,
    async intercept(call) {
      const forge = forgeOf(call.event, params);
      const type = firstHeader(call.event, forge.eventHeader);
      if (type !== forge.eventType) return stop('FailedPrecondition', `the event is no comment: its type is ${JSON.stringify(type)}`);
      const json = call.event.json();
      const body = json.ok ? json.value : undefined;
      const told = forge.readComment(body);
      if (!told.ok) return stop('FailedPrecondition', told.reason);
      const { comment } = told;
      if (comment.bot && !params.allowBots) return stop('FailedPrecondition', `${comment.author} is a bot: allowBots would let it`);
      const result = findCommand(comment.text, params.commands);
      if (!result.found) return stop('FailedPrecondition', result.reason);
      return judge(call, params, forge, comment, result.command, body);
    },
  };
};

function forgeOf(event: OpenEvent, { forge }: CommandParams): CommentForge {
  return forges[forge ?? (firstHeader(event, gitlabComments.eventHeader) === '' ? 'github' : 'gitlab')];
}

async function judge(
  { event, namespace, outside }: InterceptorCall,
  { tokenRef, apiUrl }: CommandParams,
  forge: CommentForge,
  comment: PullComment,
  found: FoundCommand<CommandRule>,
  body: unknown,
): Promise<InterceptorAnswer> {
  const { command } = found;
  const malformed = refuseCommitId(found);
  if (malformed !== undefined) return malformed;
  const secret = tokenRef && (await readToken(outside, namespace, tokenRef, forge.tokenHeader));
  if (secret?.ok === false) return wrong('FailedPrecondition', `error getting token: ${secret.message}`);
  const access = forge.access(event, apiUrl);
  if (!access.ok) return wrong('FailedPrecondition', access.message);
  const token: ForgeToken | undefined = secret?.token;
  const api = forgeApi({ ...access.value, token }, event, outside);

  let permission = '';
  if (command.permission !== 'none') {
    const asked = await forge.permission(api, comment);
    if (!asked.ok) return wrong('Unavailable', `cannot ask what ${comment.author} may: ${asked.message}`);
    permission = asked.value;
    if (!suffices(asked.value, command.permission)) {
      const has = `has permission ${asked.value} in ${comment.repository.name}, expected ${command.permission}`;
      return stop('PermissionDenied', `${comment.author} may not say /${command.name}: ${has}`);
    }
  }
  const pull = await forge.pullRequest(api, comment, body);
  if (!pull.ok) return wrong('Unavailable', `cannot ask for pull request ${comment.number}: ${pull.message}`);
  const outdated = refuseOutdated(found, pull.value);
  return outdated ?? { outcome: 'continue', extensions: { command: extension(found, comment, permission, pull.value) } };
}

function refuseCommitId({ command, args: [commit = '', ...more], text }: FoundCommand<CommandRule>): Refusal | undefined {
  if (!command.namesCommit || (isCommitId(commit) && (more.length === 0 || command.takesMore))) return undefined;
  const got = commit === '' ? 'no commit' : JSON.stringify(text.slice(0, 80));
  const expected = 'the whole id of the commit that was looked at, 40 digits, and nothing else';
  return stop('InvalidArgument', `/${command.name} names ${got}, expected ${expected}`);
}

function refuseOutdated({ command, args: [commit = ''] }: FoundCommand<CommandRule>, { headSha }: PullRequest): Refusal | undefined {
  if (!command.namesCommit || commit.toLowerCase() === headSha.toLowerCase()) return undefined;
  const remedy = 'look at what has changed and name that one';
  return stop(
    'FailedPrecondition',
    `/${command.name} names ${commit.toLowerCase()}, but the pull request is at ${headSha} by now: ${remedy}`,
  );
}

/** Texts are whatever their authors wrote: values for params, never parts of scripts. */
function extension(
  { command: { name }, args, text, line }: FoundCommand<CommandRule>,
  { author, id, url, repository }: PullComment,
  permission: string,
  pull: PullRequest,
): Readonly<Record<string, unknown>> {
  return { name, args, text, line, author, permission, comment: { id, url }, repository, pull };
}
