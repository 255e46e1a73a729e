/** What somebody may do in a repository, least first: GitHub's words. */
export const permissions = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Permission = (typeof permissions)[number];

export function isPermission(word: string): word is Permission {
  return permissions.some((permission) => permission === word);
}

export function suffices(has: Permission, wanted: Permission): boolean {
  return permissions.indexOf(has) >= permissions.indexOf(wanted);
}
