import type { CredentialEntry, CredentialSecret } from './credential-secret.ts';
import { placesOf } from './credential-secret.ts';
import { dockerFiles } from './docker-files.ts';
import { gitBasicFiles } from './git-basic-files.ts';
import { gitSshFiles } from './git-ssh-files.ts';

export interface CredentialFiles {
  /** Contents by path below `/tekton/creds`: `.ssh/config`, `.docker/config.json`. All of them also go into the step's home. */
  readonly files: ReadonlyMap<string, string>;
  /** What could not be made use of, and why. */
  readonly problems: readonly string[];
}

export const CREDENTIALS_FOLDER = '/tekton/creds';

/**
 * The files that let git and docker in a step log in where the ServiceAccount's secrets allow it: which are for git and which for docker their types
 * and `tekton.dev/git-*` and `tekton.dev/docker-*` annotations say.
 * Follows tektoncd/pipeline pkg/pod/creds_init.go and pkg/credentials.
 */
export function credentialFiles(secrets: readonly CredentialSecret[]): CredentialFiles {
  const problems: string[] = [];
  const entries = (type: string, prefix: string, keys: readonly string[]): readonly CredentialEntry[] =>
    secrets
      .filter((secret) => secret.type === type)
      .flatMap((secret) => placesOf(secret, prefix).map((place) => ({ secret, place })))
      .filter(({ secret, place }) => {
        const missing = keys.filter((key) => !secret.data.has(key));
        if (missing.length > 0) problems.push(`secret ${JSON.stringify(secret.name)} for ${place} lacks ${missing.join(' and ')}`);
        return missing.length === 0;
      });
  const basicKeys = ['username', 'password'];
  const ofType = (type: string): readonly CredentialSecret[] => secrets.filter((secret) => secret.type === type);

  const docker = dockerFiles(
    ofType('kubernetes.io/dockercfg'),
    ofType('kubernetes.io/dockerconfigjson'),
    firstOfEach(entries('kubernetes.io/basic-auth', 'tekton.dev/docker-', basicKeys), problems),
  );
  problems.push(...docker.problems);
  const gitBasic = gitBasicFiles(firstOfEach(entries('kubernetes.io/basic-auth', 'tekton.dev/git-', basicKeys), problems));
  const gitSsh = gitSshFiles(entries('kubernetes.io/ssh-auth', 'tekton.dev/git-', ['ssh-privatekey']), CREDENTIALS_FOLDER);

  const files = new Map([...docker.files, ...gitBasic, ...gitSsh]);
  const gitConfig = [gitBasic.get('.gitconfig'), gitSsh.get('.gitconfig')].filter((text) => text !== undefined);
  if (gitConfig.length > 0) files.set('.gitconfig', gitConfig.join(''));
  return { files, problems };
}

/** Two passwords for one place: upstream's entrypoint refuses to start, here the first counts. */
function firstOfEach(entries: readonly CredentialEntry[], problems: string[]): readonly CredentialEntry[] {
  const first = new Map<string, CredentialEntry>();
  for (const entry of entries) {
    const known = first.get(entry.place);
    if (known === undefined) first.set(entry.place, entry);
    else problems.push(`multiple entries for url: ${entry.place}; that of secret ${JSON.stringify(known.secret.name)} is used`);
  }
  return [...first.values()];
}
