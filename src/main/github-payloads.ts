import { type GithubPayloads, readPayloads } from '../triggers/lint/github/read-payloads.ts';

let loaded: Promise<GithubPayloads> | undefined;

/** The table of what GitHub sends, loaded when somebody first asks: most lives of the server do without. */
export function loadGithubPayloads(): Promise<GithubPayloads> {
  loaded ??= import('../triggers/lint/github/github-payloads.ts').then(({ githubPayloads }) => readPayloads(githubPayloads));
  return loaded;
}
