import type { ForgeAccess, ForgeApi } from '../forges/forge-api.ts';
import type { Condition } from '../interceptors/interceptor.ts';
import type { OpenEvent } from '../open-event.ts';
import type { Permission } from './permission.ts';

/** A new comment on a pull request (of GitLab, a merge request), as the event tells of it. Its words are anybody's. */
export interface PullComment {
  readonly text: string;
  /** Login of the commenter. */
  readonly author: string;
  readonly authorId: number;
  /** Written by a program. */
  readonly bot: boolean;
  readonly number: number;
  readonly repository: { readonly name: string; readonly id: number };
  readonly id: string;
  readonly url: string;
}

/** A pull request as the forge has it now. Names and titles are its author's choice. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly author: string;
  /** The forge's word: `open`, `closed`; GitLab's `opened`, `merged` … */
  readonly state: string;
  readonly draft: boolean;
  readonly headSha: string;
  readonly headRef: string;
  /** Empty when it was deleted. */
  readonly headRepository: string;
  readonly headCloneUrl: string;
  readonly baseRef: string;
  readonly baseSha: string;
  /** Of the repository the pull request is for; the head can be fetched from it as well. */
  readonly cloneUrl: string;
  /** The head is in another repository, whose writers may not write to this one. */
  readonly fork: boolean;
}

export type ReadComment =
  | { readonly ok: true; readonly comment: PullComment }
  /** The event is about something else. */
  | { readonly ok: false; readonly reason: string };

export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** What differs between the forges. */
export interface CommentForge {
  readonly eventHeader: string;
  /** Its value for comments. */
  readonly eventType: string;
  /** What holds of every event that `readComment` takes. */
  readonly conditions: readonly Condition[];
  /** Only comments just made, on pull requests; edits and deletions are not taken. */
  readComment(body: unknown): ReadComment;
  access(event: OpenEvent, apiUrl: string | undefined): Asked<Omit<ForgeAccess, 'token'>>;
  tokenHeader(token: string): Readonly<Record<string, string>>;
  /** Of the commenter, as the forge says now. */
  permission(api: ForgeApi, comment: PullComment): Promise<Asked<Permission>>;
  pullRequest(api: ForgeApi, comment: PullComment, body: unknown): Promise<Asked<PullRequest>>;
}
