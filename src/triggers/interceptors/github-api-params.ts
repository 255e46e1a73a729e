import { clearTextWarning, readApiUrl } from '../forges/api-url.ts';
import type { GithubHosts } from '../forges/github-access.ts';
import type { ParamFields, SecretRef } from './params.ts';

/** What the github interceptor asks the API for, and which API. */
export interface GithubApiParams {
  /** Absent: not enabled. */
  readonly addChangedFiles?: { readonly personalAccessToken: SecretRef | undefined } | undefined;
  readonly githubOwners?: OwnersParams | undefined;
  readonly hosts: GithubHosts;
  readonly warnings: readonly string[];
  readonly defect?: string | undefined;
}

export interface OwnersParams {
  readonly personalAccessToken: SecretRef | undefined;
  /** `orgMembers`, `repoMembers`, `all` or `none`; other words are like `none`, but want a token. */
  readonly checkType: string;
}

const checkTypes: readonly string[] = ['orgMembers', 'repoMembers', 'all', 'none', ''];
const hostPattern = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;
const bothWarning = 'with addChangedFiles the owners are not looked at, as upstream: put githubOwners into a second github interceptor';

/** `apiUrl` and `enterpriseHosts` are ours: upstream does not know them and ignores them. */
export function githubApiParams(fields: ParamFields): GithubApiParams {
  const files = fields.struct('addChangedFiles');
  const owners = fields.struct('githubOwners');
  // Asked for in any case: lint takes names that are not for mistakes.
  const filesToken = files?.secretRef('personalAccessToken');
  const ownersParams = { personalAccessToken: owners?.secretRef('personalAccessToken'), checkType: owners?.string('checkType') ?? '' };
  const addChangedFiles = files?.boolean('enabled') ? { personalAccessToken: filesToken } : undefined;
  const githubOwners = owners?.boolean('enabled') ? ownersParams : undefined;
  const enterpriseHosts = fields.strings('enterpriseHosts') ?? [];
  const wrongHost = enterpriseHosts.find((host) => !hostPattern.test(host));
  const given = fields.string('apiUrl');
  const api = given === undefined ? undefined : readApiUrl(given);
  const apiUrl = api?.ok ? api.url : undefined;
  return {
    addChangedFiles,
    githubOwners,
    hosts: { apiUrl, enterpriseHosts },
    warnings: [
      ...clearTextWarning(apiUrl),
      ...(addChangedFiles !== undefined && githubOwners !== undefined ? [bothWarning] : []),
      ...checkTypeWarning(githubOwners?.checkType ?? ''),
    ],
    defect: api?.ok === false ? api.message : wrongHost === undefined ? undefined : hostDefect(wrongHost),
  };
}

function hostDefect(host: string): string {
  return `enterpriseHosts has ${JSON.stringify(host)}, expected hosts like github.example.com`;
}

function checkTypeWarning(checkType: string): readonly string[] {
  if (checkTypes.includes(checkType)) return [];
  return [
    `githubOwners.checkType is ${JSON.stringify(checkType)}, expected orgMembers, repoMembers, all or none: members are not looked for`,
  ];
}
