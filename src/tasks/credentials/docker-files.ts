import { goJson } from '../../expressions/jsonpath/go-json.ts';
import { z } from '../../resources/zod.ts';
import type { CredentialEntry, CredentialSecret } from './credential-secret.ts';

const loginSchema = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  auth: z.string().default(''),
  email: z.string().optional(),
});
type Login = z.infer<typeof loginSchema>;

const loginsSchema = z.record(z.string(), loginSchema);
const configSchema = z.object({ auths: loginsSchema.default({}) });

/** `.docker/config.json`; for one registry a basic login goes before a `config.json`, and that before a `.dockercfg`. */
export function dockerFiles(
  dockercfg: readonly CredentialSecret[],
  configJson: readonly CredentialSecret[],
  basic: readonly CredentialEntry[],
): { readonly files: ReadonlyMap<string, string>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = (secret: CredentialSecret, key: string, parse: (json: unknown) => Record<string, Login> | undefined): [string, Login][] => {
    const logins = parse(parseJson(secret.data.get(key) ?? ''));
    if (logins === undefined) problems.push(`secret ${JSON.stringify(secret.name)}: ${key} is not what docker writes there`);
    return Object.entries(logins ?? {});
  };
  const logins = new Map<string, Login>([
    ...dockercfg.flatMap((secret) => read(secret, '.dockercfg', (json) => loginsSchema.safeParse(json).data)),
    ...configJson.flatMap((secret) => read(secret, '.dockerconfigjson', (json) => configSchema.safeParse(json).data?.auths)),
    ...basic.map(({ secret, place }): [string, Login] => {
      const [username = '', password = ''] = [secret.data.get('username'), secret.data.get('password')];
      return [place, { username, password, auth: base64(`${username}:${password}`), email: 'not@val.id' }];
    }),
  ]);
  if (logins.size === 0) return { files: new Map(), problems };
  const auths = [...logins].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, login]) => `${goJson(place)}:${written(login)}`);
  return { files: new Map([['.docker/config.json', `{"auths":{${auths.join(',')}}}`]]), problems };
}

/** Members in Go's order; what is empty is left out, but for `auth`. */
function written({ username, password, auth, email }: Login): string {
  const members = [
    username && `"username":${goJson(username)}`,
    password && `"password":${goJson(password)}`,
    `"auth":${goJson(auth)}`,
    email && `"email":${goJson(email)}`,
  ];
  return `{${members.filter(Boolean).join(',')}}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
