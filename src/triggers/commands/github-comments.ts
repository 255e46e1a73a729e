import { githubAccess, githubToken, isGithubLogin, repositoryPath } from '../forges/github-access.ts';
import { idField, jsonField, textField } from '../forges/json-field.ts';
import type { Asked, CommentForge, PullRequest, ReadComment } from './comment-forge.ts';
import { isCommitId } from './commit-id.ts';
import { isPermission, type Permission } from './permission.ts';

/** GitHub's `issue_comment`. https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment */
export const githubComments: CommentForge = {
  eventHeader: 'X-Github-Event',
  eventType: 'issue_comment',
  conditions: [
    { root: 'header', path: ['X-Github-Event'], values: ['issue_comment'] },
    { root: 'body', path: ['action'], values: ['created'] },
  ],
  readComment,
  access(event, apiUrl) {
    const known = githubAccess(event, { apiUrl }, false);
    return known.ok ? { ok: true, value: known.access } : known;
  },
  tokenHeader: githubToken,

  async permission(api, { repository, author, authorId }) {
    const answer = await api.getJson(`${repositoryPath(repository.name)}/collaborators/${encodeURIComponent(author)}/permission`);
    if (!answer.ok) return answer.absent ? { ok: true, value: 'none' } : answer;
    // A login can be given up and taken by somebody else; an id cannot.
    const same = idField(answer.value, 'user', 'id') === authorId;
    return { ok: true, value: same ? permissionOf(answer.value) : 'none' };
  },

  async pullRequest(api, { repository, number }) {
    const answer = await api.getJson(`${repositoryPath(repository.name)}/pulls/${number}`);
    return answer.ok ? readPullRequest(answer.value, number, repository.id) : answer;
  },
};

function readComment(body: unknown): ReadComment {
  const action = textField(body, 'action');
  if (action !== 'created') return { ok: false, reason: `only new comments count, this one was ${JSON.stringify(action.slice(0, 40))}` };
  if (jsonField(body, 'issue', 'pull_request') === undefined) return { ok: false, reason: 'the comment is not on a pull request' };
  const author = textField(body, 'comment', 'user', 'login');
  const authorId = idField(body, 'comment', 'user', 'id');
  const number = idField(body, 'issue', 'number');
  const name = textField(body, 'repository', 'full_name');
  const repositoryId = idField(body, 'repository', 'id');
  const text = jsonField(body, 'comment', 'body');
  const hasIds = authorId !== undefined && number !== undefined && repositoryId !== undefined;
  if (!hasIds || typeof text !== 'string' || repositoryPath(name) === undefined || !isGithubLogin(author)) {
    return { ok: false, reason: 'the payload is no issue_comment of GitHub' };
  }
  if (idField(body, 'sender', 'id') !== authorId) return { ok: false, reason: 'the event was not sent by the author of the comment' };
  return {
    ok: true,
    comment: {
      text,
      author,
      authorId,
      bot: textField(body, 'comment', 'user', 'type') === 'Bot' || textField(body, 'sender', 'type') === 'Bot',
      number,
      repository: { name, id: repositoryId },
      id: String(idField(body, 'comment', 'id') ?? ''),
      url: textField(body, 'comment', 'html_url'),
    },
  };
}

/** `permission` knows no triage and no maintain; the role's name says so where it is one of GitHub's own, and raises by no more than that. */
function permissionOf(answer: unknown): Permission {
  const permission = textField(answer, 'permission');
  const base = isPermission(permission) ? permission : 'none';
  const role = textField(answer, 'role_name');
  if (role === 'maintain' && base === 'write') return 'maintain';
  return role === 'triage' && base === 'read' ? 'triage' : base;
}

function readPullRequest(answer: unknown, number: number, repositoryId: number): Asked<PullRequest> {
  const headSha = textField(answer, 'head', 'sha');
  const baseId = idField(answer, 'base', 'repo', 'id');
  if (idField(answer, 'number') !== number || !isCommitId(headSha)) {
    return { ok: false, message: 'GitHub answered something else than the pull request' };
  }
  if (baseId !== repositoryId) return { ok: false, message: 'the repository has another id than the one the comment is in' };
  return {
    ok: true,
    value: {
      number,
      title: textField(answer, 'title'),
      author: textField(answer, 'user', 'login'),
      state: textField(answer, 'state'),
      draft: jsonField(answer, 'draft') === true,
      headSha,
      headRef: textField(answer, 'head', 'ref'),
      headRepository: textField(answer, 'head', 'repo', 'full_name'),
      headCloneUrl: textField(answer, 'head', 'repo', 'clone_url'),
      baseRef: textField(answer, 'base', 'ref'),
      baseSha: textField(answer, 'base', 'sha'),
      cloneUrl: textField(answer, 'base', 'repo', 'clone_url'),
      fork: idField(answer, 'head', 'repo', 'id') !== baseId,
    },
  };
}
