import type { OpenEvent } from '../open-event.ts';

export type ChangedFiles = { readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly error: string };

const kinds = ['added', 'modified', 'removed'] as const;

/** Each commit's added, modified and removed files in this order, repeats kept. Without `commits` there are none. */
export function changedFilesOfPush(event: OpenEvent): ChangedFiles {
  const body = event.json();
  if (!body.ok || body.value === null) return { ok: false, error: 'body is empty' };
  const commits = member(body.value, 'commits');
  if (!Array.isArray(commits)) return { ok: true, names: [] };
  const names: string[] = [];
  for (const commit of commits) {
    for (const kind of kinds) {
      const files = member(commit, kind);
      if (!Array.isArray(files)) return { ok: false, error: `payload body missing 'commits.*.${kind}' field` };
      for (const file of files) names.push(String(file));
    }
  }
  return { ok: true, names };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
