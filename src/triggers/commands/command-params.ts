import { clearTextWarning, readApiUrl } from '../forges/api-url.ts';
import type { ParamFields, SecretRef } from '../interceptors/params.ts';
import type { CommandLine } from './find-command.ts';
import { isPermission, type Permission, permissions } from './permission.ts';

export interface CommandRule extends CommandLine {
  /** What the commenter must be allowed in the repository; `none`: nothing. */
  readonly permission: Permission;
  /** The first word is the commit that is meant, and must be the pull request's head. */
  readonly namesCommit: boolean;
  /** Whether words may follow the name, or the commit. */
  readonly takesMore: boolean;
}

/** Params of the interceptor `commands`, each checked. */
export interface CommandParams {
  readonly commands: readonly CommandRule[];
  /** Absent: whichever the event's headers are of. */
  readonly forge?: 'github' | 'gitlab' | undefined;
  readonly tokenRef?: SecretRef | undefined;
  readonly apiUrl?: string | undefined;
  readonly allowBots: boolean;
  readonly warnings: readonly string[];
}

export type ReadCommandParams =
  | { readonly ok: true; readonly params: CommandParams }
  /** A complete sentence. */
  | { readonly ok: false; readonly defect: string };

const namePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/i;

/**
 * `commands` (names, or `{name, permission, args, commit}`), `permission` (of those that say nothing: `write`), `forge`, `tokenRef`, `apiUrl`,
 * `allowBots`. `/ok-to-test` names a commit unless told otherwise.
 */
export function readCommandParams(fields: ParamFields): ReadCommandParams {
  const forge = fields.string('forge');
  if (forge !== undefined && forge !== 'github' && forge !== 'gitlab') return wrongWord('forge', forge, ['github', 'gitlab']);
  const usual = fields.string('permission') ?? 'write';
  const commands: CommandRule[] = [];
  for (const [index, entry] of (fields.namesOrStructs('commands') ?? []).entries()) {
    const name = typeof entry === 'string' ? entry : (entry.string('name') ?? '');
    const own = typeof entry === 'string' ? undefined : entry;
    const permission = own?.string('permission') ?? usual;
    const namesCommit = own?.boolean('commit') ?? name === 'ok-to-test';
    if (!namePattern.test(name)) {
      return defect(`commands[${index}] is called ${JSON.stringify(name)}, expected letters, digits, - and _, without the slash`);
    }
    if (commands.some((known) => known.name === name)) return defect(`commands[${index}] is called ${name}, as one before it`);
    if (!isPermission(permission)) return wrongWord('permission', permission, permissions);
    const takesMore = own?.boolean('args') ?? false;
    commands.push({ name, permission, namesCommit, takesMore, takesWords: namesCommit || takesMore });
  }
  if (commands.length === 0) return defect('commands is empty: name at least one, e.g. ["test"]');
  return withAccess(fields, { commands, forge, allowBots: fields.boolean('allowBots') ?? false });
}

function withAccess(fields: ParamFields, params: Pick<CommandParams, 'commands' | 'forge' | 'allowBots'>): ReadCommandParams {
  const tokenRef = fields.secretRef('tokenRef');
  if (tokenRef !== undefined && (tokenRef.secretName === '' || tokenRef.secretKey === '')) {
    return defect('tokenRef lacks secretName or secretKey: the Secret and its key that the token is in');
  }
  const asking = params.commands.find(({ permission }) => permission !== 'none');
  if (tokenRef === undefined && asking !== undefined) {
    const remedy = 'give tokenRef, a token that may see the collaborators, or permission: none';
    return defect(`/${asking.name} is for those who may ${asking.permission}, which cannot be asked without a token: ${remedy}`);
  }
  const given = fields.string('apiUrl');
  const api = given === undefined ? undefined : readApiUrl(given);
  if (api?.ok === false) return defect(api.message);
  const open = params.commands.filter(({ permission }) => permission === 'none').map(({ name }) => `/${name}`);
  return {
    ok: true,
    params: {
      ...params,
      tokenRef,
      apiUrl: api?.url,
      warnings: [
        ...clearTextWarning(api?.url),
        ...(open.length === 0 ? [] : [`anybody who can comment can say ${open.join(', ')}: no permission is asked for`]),
      ],
    },
  };
}

function defect(message: string): ReadCommandParams {
  return { ok: false, defect: message };
}

function wrongWord(param: string, got: string, expected: readonly string[]): ReadCommandParams {
  return defect(`${param} is ${JSON.stringify(got)}, expected one of ${expected.join(', ')}`);
}
