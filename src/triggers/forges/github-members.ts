import { parsePlainYaml } from '../../expressions/plain-yaml.ts';
import type { ForgeApi } from './forge-api.ts';
import { isGithubLogin } from './github-access.ts';

export type Membership = { readonly ok: true; readonly member: boolean } | { readonly ok: false; readonly message: string };

/**
 * Whether somebody shows that they are a member of an organisation. Upstream reads the first 30 of the public members; this asks for the one.
 * An owner that is no organisation has none.
 */
export function isPublicMember(api: ForgeApi, organisation: string, login: string): Promise<Membership> {
  return exists(api, `orgs/${organisation}/public_members`, login);
}

/** Whether somebody is a collaborator. Upstream reads the first 30 of them; this asks for the one. */
export function isCollaborator(api: ForgeApi, repository: string, login: string): Promise<Membership> {
  return exists(api, `${repository}/collaborators`, login);
}

/** Yes is 204, no is 404. */
async function exists(api: ForgeApi, list: string, login: string): Promise<Membership> {
  if (!isGithubLogin(login)) return { ok: true, member: false };
  const answer = await api.get(`${list}/${encodeURIComponent(login)}`);
  if (answer.outcome === 'trouble') return { ok: false, message: answer.message };
  return { ok: true, member: answer.outcome === 'found' && answer.text === '' };
}

/** Whether somebody is among the approvers or reviewers of the file OWNERS at the root of the default branch. Without the file nobody is. */
export async function isInOwnersFile(api: ForgeApi, repository: string, login: string): Promise<Membership> {
  if (!isGithubLogin(login)) return { ok: true, member: false };
  const file = await api.get(`${repository}/contents/OWNERS`, { accept: 'application/vnd.github.raw+json' });
  if (file.outcome === 'absent') return { ok: true, member: false };
  if (file.outcome === 'trouble') return { ok: false, message: file.message };
  const owners = readOwners(file.text);
  if (!owners.ok) return { ok: false, message: `OWNERS of ${repository}: ${owners.error}` };
  return { ok: true, member: owners.logins.some((owner) => owner.toLowerCase() === login.toLowerCase()) };
}

type Owners = { readonly ok: true; readonly logins: readonly string[] } | { readonly ok: false; readonly error: string };

/** Field names in any case, as Go reads them. */
function readOwners(text: string): Owners {
  const yaml = parsePlainYaml(text);
  if (!yaml.ok) return yaml;
  if (typeof yaml.value !== 'object' || yaml.value === null) return { ok: true, logins: [] };
  const logins: string[] = [];
  for (const [key, value] of Object.entries(yaml.value)) {
    const field = key.toLowerCase();
    if ((field !== 'approvers' && field !== 'reviewers') || value === '') continue;
    if (!Array.isArray(value) || !value.every((login) => typeof login === 'string')) {
      return { ok: false, error: `${key} is no list of logins` };
    }
    logins.push(...value);
  }
  return { ok: true, logins };
}
