import type { ForgeAccess } from '../forges/forge-api.ts';
import { idField, jsonField, textField } from '../forges/json-field.ts';
import { firstHeader, type OpenEvent } from '../open-event.ts';
import type { Asked, CommentForge, PullRequest, ReadComment } from './comment-forge.ts';
import { isCommitId } from './commit-id.ts';
import type { Permission } from './permission.ts';

const API_URL = 'https://gitlab.com/api/v4/';

/** GitLab's notes on merge requests. https://docs.gitlab.com/user/project/integrations/webhook_events/#comment-events */
export const gitlabComments: CommentForge = {
  eventHeader: 'X-Gitlab-Event',
  eventType: 'Note Hook',
  conditions: [{ root: 'header', path: ['X-Gitlab-Event'], values: ['Note Hook'] }],
  readComment,
  access,
  tokenHeader: (token) => ({ 'Private-Token': token }),

  async permission(api, { repository, authorId }) {
    const answer = await api.getJson(`projects/${repository.id}/members/all/${authorId}`);
    if (!answer.ok) return answer.absent ? { ok: true, value: 'none' } : answer;
    const active = idField(answer.value, 'id') === authorId && textField(answer.value, 'state') === 'active';
    return { ok: true, value: active ? permissionOf(idField(answer.value, 'access_level') ?? 0) : 'none' };
  },

  async pullRequest(api, { repository, number }, body) {
    const answer = await api.getJson(`projects/${repository.id}/merge_requests/${number}`);
    return answer.ok ? readMergeRequest(answer.value, number, repository.id, body) : answer;
  },
};

/** The token is gitlab.com's unless `apiUrl` says otherwise; newer servers say in the event which one they are. */
function access(event: OpenEvent, apiUrl: string | undefined): Asked<Omit<ForgeAccess, 'token'>> {
  if (apiUrl !== undefined) return { ok: true, value: { baseUrl: apiUrl, privateNetwork: true, headers: {} } };
  const instance = firstHeader(event, 'X-Gitlab-Instance');
  if (instance === '' || instance === 'https://gitlab.com') {
    return { ok: true, value: { baseUrl: API_URL, privateNetwork: false, headers: {} } };
  }
  const remedy = 'to ask it about its events, give the param apiUrl, like https://gitlab.example.com/api/v4';
  return { ok: false, message: `the event comes from the GitLab server ${JSON.stringify(instance.slice(0, 255))}: ${remedy}` };
}

function readComment(body: unknown): ReadComment {
  const note = jsonField(body, 'object_attributes');
  if (textField(note, 'noteable_type') !== 'MergeRequest') return { ok: false, reason: 'the comment is not on a merge request' };
  if (!isNew(note)) return { ok: false, reason: 'only new comments count, this one was edited' };
  if (jsonField(note, 'system') === true) return { ok: false, reason: 'the comment is of GitLab itself' };
  const authorId = idField(body, 'user', 'id');
  const number = idField(body, 'merge_request', 'iid');
  const repositoryId = idField(body, 'project_id');
  const text = jsonField(note, 'note');
  if (authorId === undefined || number === undefined || repositoryId === undefined || typeof text !== 'string') {
    return { ok: false, reason: 'the payload is no note of GitLab' };
  }
  if (idField(note, 'author_id') !== authorId) return { ok: false, reason: 'the event was not sent by the author of the comment' };
  const author = textField(body, 'user', 'username');
  return {
    ok: true,
    comment: {
      text,
      author,
      authorId,
      // Users that GitLab makes for access tokens of projects and groups; the event has no other word for them.
      bot: /^(?:project|group)_\d+_bot(?:_|$)/.test(author),
      number,
      repository: { name: textField(body, 'project', 'path_with_namespace'), id: repositoryId },
      id: String(idField(note, 'id') ?? ''),
      url: textField(note, 'url'),
    },
  };
}

/** Older servers do not say what was done; an edited note has another time of its last change. */
function isNew(note: unknown): boolean {
  const action = jsonField(note, 'action');
  if (action !== undefined) return action === 'create';
  const created = textField(note, 'created_at');
  return created !== '' && created === textField(note, 'updated_at');
}

/** https://docs.gitlab.com/user/permissions/: guest, reporter, developer, maintainer, owner. */
function permissionOf(level: number): Permission {
  if (level >= 50) return 'admin';
  if (level >= 40) return 'maintain';
  if (level >= 30) return 'write';
  if (level >= 20) return 'triage';
  return level >= 10 ? 'read' : 'none';
}

/** The API knows projects by number only; what they are called and where they are cloned from is in the event. */
function readMergeRequest(answer: unknown, number: number, project: number, body: unknown): Asked<PullRequest> {
  const headSha = textField(answer, 'sha');
  const isThis = idField(answer, 'iid') === number && idField(answer, 'target_project_id') === project;
  if (!isThis || !isCommitId(headSha)) return { ok: false, message: 'GitLab answered something else than the merge request' };
  return {
    ok: true,
    value: {
      number,
      title: textField(answer, 'title'),
      author: textField(answer, 'author', 'username'),
      state: textField(answer, 'state'),
      draft: jsonField(answer, 'draft') === true,
      headSha,
      headRef: textField(answer, 'source_branch'),
      headRepository: textField(body, 'merge_request', 'source', 'path_with_namespace'),
      headCloneUrl: textField(body, 'merge_request', 'source', 'git_http_url'),
      baseRef: textField(answer, 'target_branch'),
      baseSha: textField(answer, 'diff_refs', 'base_sha'),
      cloneUrl: textField(body, 'project', 'git_http_url'),
      fork: idField(answer, 'source_project_id') !== project,
    },
  };
}
