import { nearest } from '../nearest.ts';

/** A forge's names for its events, as they are in its header. */
export interface HookNames {
  readonly forge: string;
  readonly header: string;
  readonly names: readonly string[];
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export const gitlabHooks: HookNames = {
  forge: 'GitLab',
  header: 'X-Gitlab-Event',
  names: [
    'Push Hook',
    'Tag Push Hook',
    'Issue Hook',
    'Confidential Issue Hook',
    'Note Hook',
    'Confidential Note Hook',
    'Merge Request Hook',
    'Wiki Page Hook',
    'Pipeline Hook',
    'Job Hook',
    'Build Hook',
    'Deployment Hook',
    'Member Hook',
    'Subgroup Hook',
    'Project Hook',
    'Feature Flag Hook',
    'Release Hook',
    'Milestone Hook',
    'Emoji Hook',
    'Resource Access Token Hook',
    'Resource Deploy Token Hook',
    'Vulnerability Hook',
    'System Hook',
  ],
};

/** Bitbucket Cloud's and Bitbucket Data Center's event keys; one interceptor serves both. */
export const bitbucketKeys: HookNames = {
  forge: 'Bitbucket',
  header: 'X-Event-Key',
  names: [
    ...withPrefix(
      'repo',
      'push fork updated transfer deleted imported created commit_comment_created commit_status_created commit_status_updated',
    ),
    ...withPrefix('issue', 'created updated comment_created'),
    ...withPrefix(
      'pullrequest',
      'created updated push approved unapproved fulfilled rejected changes_request_created changes_request_removed',
    ),
    ...withPrefix('pullrequest', 'comment_created comment_updated comment_deleted comment_resolved comment_reopened'),
    ...withPrefix('project', 'updated modified'),
    ...withPrefix('repo', 'refs_changed modified forked recovered secret_detected comment:added comment:edited comment:deleted'),
    ...withPrefix(
      'pr',
      'opened from_ref_updated to_ref_updated modified merged declined deleted comment:added comment:edited comment:deleted',
    ),
    ...withPrefix('pr', 'reviewer:updated reviewer:approved reviewer:unapproved reviewer:needs_work reviewer:changes_requested'),
    'mirror:repo_synchronized',
    'diagnostics:ping',
  ],
};

function withPrefix(prefix: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${prefix}:${name}`);
}

/** What somebody meant who wrote `push` or `merge_request` for `Push Hook`, `Merge Request Hook`. */
export function hookMeant(word: string, { names }: Pick<HookNames, 'names'>): string | undefined {
  const wanted = plain(word);
  return names.find((name) => plain(name) === wanted) ?? nearest(word, names) ?? names.find((name) => name.endsWith(`:${word}`));
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/(?:hook|events?)$/, '');
}
