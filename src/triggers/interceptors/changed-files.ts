import type { ForgeApi } from '../forges/forge-api.ts';
import { repositoryPath } from '../forges/github-access.ts';
import { idField, jsonField } from '../forges/json-field.ts';
import type { OpenEvent } from '../open-event.ts';

/** What a payload says about the files that changed: their names, or where to ask for them. */
export type ChangedFiles =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly error: string };

export type FileNames = { readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly message: string };

const kinds = ['added', 'modified', 'removed'] as const;
/** GitHub lists no more than 3,000 files of a pull request. */
const MAX_PAGES = 30;

/**
 * Upstream's order of checks and words. A push's files are in the payload: each commit's added, modified and removed ones in this order,
 * repeats kept; without `commits` there are none.
 */
export function changedFilesOf(event: OpenEvent, eventType: 'push' | 'pull_request'): ChangedFiles {
  const body = event.json();
  if (!body.ok) return { ok: false, error: 'body is no JSON' };
  if (body.value === null) return { ok: false, error: 'body is empty' };
  if (eventType === 'pull_request' && jsonField(body.value, 'number') === undefined) {
    return { ok: false, error: "pull_request body missing 'number' field" };
  }
  const repository = repositoryOf(body.value);
  if (!repository.ok) return repository;
  return eventType === 'push' ? namesOfPush(body.value) : filesPath(body.value, repository.path);
}

export type Repository = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly error: string };

export function repositoryOf(body: unknown): Repository {
  const repository = jsonField(body, 'repository');
  if (typeof repository !== 'object' || repository === null) return { ok: false, error: "payload body missing 'repository' field" };
  const fullName = jsonField(repository, 'full_name');
  if (typeof fullName !== 'string') return { ok: false, error: "payload body missing 'repository.full_name' field" };
  const path = repositoryPath(fullName);
  return path === undefined ? { ok: false, error: `'repository.full_name' is no name of a repository` } : { ok: true, path };
}

function namesOfPush(body: unknown): ChangedFiles {
  const commits = jsonField(body, 'commits');
  if (!Array.isArray(commits)) return { ok: true, names: [] };
  const names: string[] = [];
  for (const commit of commits) {
    for (const kind of kinds) {
      const files = jsonField(commit, kind);
      if (!Array.isArray(files)) return { ok: false, error: `payload body missing 'commits.*.${kind}' field` };
      for (const file of files) names.push(String(file));
    }
  }
  return { ok: true, names };
}

function filesPath(body: unknown, repository: string): ChangedFiles {
  const number = idField(body, 'number');
  if (number === undefined) return { ok: false, error: "'number' is no number of a pull request" };
  return { ok: true, path: `${repository}/pulls/${number}/files?per_page=100` };
}

/** The files of a pull request, as GitHub lists them: of a renamed one the new name. */
export async function askForFiles(api: ForgeApi, path: string): Promise<FileNames> {
  const files = await api.getPages(path, MAX_PAGES);
  if (!files.ok) return files;
  const names: string[] = [];
  for (const file of files.elements) {
    const name = jsonField(file, 'filename');
    if (typeof name !== 'string') return { ok: false, message: `GET ${path}: answered a file without a filename` };
    names.push(name);
  }
  return { ok: true, names };
}
