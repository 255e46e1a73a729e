import { createHash, randomBytes } from 'node:crypto';
import { type AccessRole, accessRoles } from '../resources/access-token/schema.ts';
import { parseDuration } from '../resources/duration.ts';
import { timestamp } from '../resources/timestamp.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';

const KIND = 'tappet.dev/AccessToken';
/** So that a token is known for one wherever it turns up, in a log or a repository. */
const PREFIX = 'tappet_';

export interface TokenOptions {
  readonly role: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly expires?: string | undefined;
  readonly description?: string | undefined;
}

/** Makes a token here and gives the server its hash. The token is printed once, and nobody can read it again. */
export async function createToken(
  { client, print, note, clock }: Omit<CliContext, 'namespace'>,
  { role, namespace, name, expires, description }: TokenOptions,
): Promise<void> {
  if (!isRole(role)) throw new CliError(exitCodes.usage, `--role: got "${role}", expected one of ${accessRoles.join(', ')}`);
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  const expiresAt = expires === undefined ? undefined : timestamp(clock.now() + lifetime(expires));
  const { object } = await client.create(
    {
      apiVersion: 'tappet.dev/v1alpha1',
      kind: 'AccessToken',
      metadata: name === undefined ? { generateName: `${role}-` } : { name },
      spec: { role, sha256: createHash('sha256').update(token).digest('hex'), namespace, expiresAt, description },
    },
    KIND,
  );
  print(`${token}\n`);
  const scope = namespace === undefined ? '' : ` of namespace ${namespace}`;
  note(`token ${object.metadata.name}: ${role}${scope}${expiresAt === undefined ? '' : `, until ${expiresAt}`}. It is shown this once.`);
  note(`use it:    tappet --token or TAPPET_TOKEN, kubectl --token\nrevoke it: tappet token revoke ${object.metadata.name}`);
}

export async function revokeToken({ client, print }: Pick<CliContext, 'client' | 'print'>, name: string): Promise<void> {
  await client.delete(KIND, undefined, name);
  print(`accesstoken.tappet.dev/${name} revoked\n`);
}

function isRole(text: string): text is AccessRole {
  return accessRoles.some((role) => role === text);
}

const DAY_MS = 86_400_000;

/** `90d`, `12h`. */
function lifetime(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  const ms = days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  if (ms === undefined || ms <= 0) throw new CliError(exitCodes.usage, `--expires: got "${text}", expected e.g. 90d or 12h`);
  return ms;
}
