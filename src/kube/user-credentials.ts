import { readFile } from 'node:fs/promises';
import type { CredentialSource, Credentials } from './connection.ts';
import { bearer, fixedCredentials, renewableCredentials } from './credentials.ts';
import { fields, type KubeconfigError, textField } from './kubeconfig.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface UserFacts {
  readonly name: string;
  readonly cluster: Fields;
  readonly wrong: (problem: string) => KubeconfigError;
}

/** Token and certificate files are rotated beneath us; read again this often, as client-go does. */
const FILES_GOOD_MS = 60_000;

/**
 * What a kubeconfig's user is known by: a token, a certificate, name and password, a program that is asked (`exec`), or an OIDC provider. For the last
 * two the official client's authenticators are loaded, each by itself: 13 and 42 ms, where the whole package takes 540 ms and 76 MB.
 */
export function userCredentials(user: Fields, facts: UserFacts): CredentialSource {
  return asOther(user, ownCredentials(user, facts));
}

function ownCredentials(user: Fields, facts: UserFacts): CredentialSource {
  const { name, wrong } = facts;
  const provider = fields(user['auth-provider']);
  if (provider !== undefined) {
    if (provider['name'] === 'oidc') return oidcCredentials(name, provider, wrong);
    throw wrong(
      `user "${name}": the auth-provider "${String(provider['name'])}" is no longer supported by anybody; use the cloud's exec plugin`,
    );
  }
  const exec = fields(user['exec']);
  if (exec !== undefined) return execCredentials(exec, facts);
  const userName = textField(user, 'username');
  if (userName !== undefined) {
    const basic = Buffer.from(`${userName}:${textField(user, 'password') ?? ''}`).toString('base64');
    return fixedCredentials({ headers: { authorization: `Basic ${basic}` } });
  }
  const files = [textField(user, 'tokenFile'), textField(user, 'client-certificate'), textField(user, 'client-key')];
  // As for client-go, a file of the token comes before the token.
  const data = [
    files[0] === undefined ? textField(user, 'token') : undefined,
    decoded(user, 'client-certificate-data'),
    decoded(user, 'client-key-data'),
  ];
  if (files.every((file) => file === undefined)) return fixedCredentials(certificateOf(data));
  return renewableCredentials(async (now) => {
    const texts = await Promise.all(
      files.map(async (file, index) => {
        if (data[index] !== undefined || file === undefined) return data[index];
        return readFile(file, 'utf8').catch((error: unknown) => {
          throw wrong(`user "${name}": ${error instanceof Error ? error.message : String(error)}`);
        });
      }),
    );
    return { credentials: certificateOf(texts), until: now + FILES_GOOD_MS };
  });
}

function certificateOf([token, certificate, key]: readonly (string | undefined)[]): Credentials {
  return { headers: token === undefined ? {} : bearer(token.trim()).headers, certificate, key };
}

function decoded(user: Fields, field: string): string | undefined {
  const data = textField(user, field);
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

/** Kept until the server refuses them: a plugin may take seconds, and need not say until when they are good. */
function execCredentials(exec: Fields, { name, cluster, wrong }: UserFacts): CredentialSource {
  const version = textField(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1';
  const info = {
    apiVersion: version,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec['provideClusterInfo'] === true && { cluster: clusterInfo(cluster) }) },
  };
  const env = [...(Array.isArray(exec['env']) ? exec['env'] : []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  return renewableCredentials(async () => {
    const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
    const options: { headers: Record<string, string>; cert?: string; key?: string } = { headers: {} };
    try {
      await new ExecAuth().applyAuthentication({ name, exec: { ...exec, env } }, options);
    } catch (error) {
      const hint = textField(exec, 'installHint');
      const said = (error instanceof Error ? error.message : String(error)).trim().split('\n', 1)[0];
      throw wrong(`user "${name}": exec plugin ${String(exec['command'])}: ${said}${hint === undefined ? '' : `; ${hint}`}`);
    }
    const { Authorization: authorization } = options.headers;
    return {
      credentials: { headers: { ...(authorization !== undefined && { authorization }) }, certificate: options.cert, key: options.key },
    };
  });
}

function clusterInfo(cluster: Fields): Fields {
  return {
    server: cluster['server'],
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': cluster['certificate-authority-data'],
  };
}

/** The authenticator keeps the token and asks for a new one when it has run out. */
function oidcCredentials(name: string, provider: Fields, wrong: (problem: string) => KubeconfigError): CredentialSource {
  const authProvider = { name: 'oidc', config: { ...fields(provider['config']) } };
  let authenticator: Promise<{ applyAuthentication(user: object, options: object): Promise<void> }> | undefined;
  return renewableCredentials(async (now) => {
    authenticator ??= import('@kubernetes/client-node/dist/oidc_auth.js').then(({ OpenIDConnectAuth }) => new OpenIDConnectAuth());
    const options: { headers: Record<string, string> } = { headers: {} };
    try {
      await (await authenticator).applyAuthentication({ name, authProvider }, options);
    } catch (error) {
      throw wrong(`user "${name}": OIDC provider: ${error instanceof Error ? error.message : String(error)}`);
    }
    const { Authorization: authorization } = options.headers;
    if (authorization === undefined)
      throw wrong(`user "${name}": the OIDC id-token is missing or has run out and cannot be renewed: log in again`);
    return { credentials: { headers: { authorization } }, until: now + FILES_GOOD_MS };
  });
}

/** `as`: who one is, once known, is somebody else. */
function asOther(user: Fields, source: CredentialSource): CredentialSource {
  const as = textField(user, 'as');
  if (as === undefined) return source;
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : [];
  const other = { 'impersonate-user': as, ...(groups.length > 0 && { 'impersonate-group': groups }) };
  const disguised = new WeakMap<Credentials, Credentials>();
  const origin = new WeakMap<Credentials, Credentials>();
  return {
    async current(now) {
      const own = await source.current(now);
      const known = disguised.get(own) ?? { ...own, headers: { ...own.headers, ...other } };
      disguised.set(own, known);
      origin.set(known, own);
      return known;
    },
    renew: (refused) => source.renew(origin.get(refused) ?? refused),
  };
}
