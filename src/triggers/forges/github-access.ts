import { firstHeader, type OpenEvent } from '../open-event.ts';
import type { ForgeAccess } from './forge-api.ts';

/** Which GitHub a trigger may ask, by its params. */
export interface GithubHosts {
  /** Ends in a slash. When given, it is asked whatever the event says. */
  readonly apiUrl?: string | undefined;
  /** Hosts of GitHub Enterprise servers whose events may be asked back about, as in `X-GitHub-Enterprise-Host`; absent: there is no such param. */
  readonly enterpriseHosts?: readonly string[] | undefined;
}

export type GithubAccess =
  | { readonly ok: true; readonly access: Omit<ForgeAccess, 'token'> }
  | { readonly ok: false; readonly message: string };

const ENTERPRISE_HEADER = 'X-Github-Enterprise-Host';
const API_URL = 'https://api.github.com/';
const headers = { 'X-GitHub-Api-Version': '2022-11-28' };

/**
 * The API that knows about an event. Upstream sends the token wherever the event's header says, signed or not (reference/triggers.md B.4); here
 * the header chooses among the hosts that the trigger's author named, and only in an event whose signature was verified.
 */
export function githubAccess(event: OpenEvent, { apiUrl, enterpriseHosts }: GithubHosts, verified: boolean): GithubAccess {
  if (apiUrl !== undefined) return { ok: true, access: { baseUrl: apiUrl, privateNetwork: true, headers } };
  const host = firstHeader(event, ENTERPRISE_HEADER);
  if (host === '') return { ok: true, access: { baseUrl: API_URL, privateNetwork: false, headers } };
  const named = enterpriseHosts?.find((known) => known.toLowerCase() === host.toLowerCase());
  if (named === undefined) {
    const remedy = `to ask it, ${enterpriseHosts === undefined ? 'give its address in the param apiUrl' : 'name it in the param enterpriseHosts'}`;
    return { ok: false, message: `the event comes from the GitHub Enterprise server ${JSON.stringify(host.slice(0, 255))}: ${remedy}` };
  }
  if (!verified) {
    const remedy = 'give the interceptor a secretRef, or the address in the param apiUrl';
    return { ok: false, message: `the event says that it comes from ${named}, but nobody has signed it: ${remedy}` };
  }
  return { ok: true, access: { baseUrl: `https://${named}/api/v3/`, privateNetwork: true, headers } };
}

/** `repos/<owner>/<name>` below the API, of a repository's full name in a payload; `undefined` when it is none. */
export function repositoryPath(fullName: string): string | undefined {
  const [owner = '', name = '', ...more] = fullName.split('/');
  const isPart = (part: string) => /^[A-Za-z0-9._-]{1,100}$/.test(part) && part !== '.' && part !== '..';
  return more.length === 0 && isPart(owner) && isPart(name) ? `repos/${owner}/${name}` : undefined;
}

/** Whether a payload's login can be one, so that it can be part of a path: letters, digits, `-`, `_` of managed users, `[bot]` of apps. */
export function isGithubLogin(login: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$/.test(login);
}

export function githubToken(token: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token}` };
}
