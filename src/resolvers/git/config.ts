import type { Backoff } from '../../ports/resolver.ts';

/** One block of upstream's ConfigMap git-resolver-config. */
export interface ScmConfig {
  readonly fetchTimeoutMs: number | undefined;
  readonly defaultUrl: string;
  readonly defaultRevision: string;
  readonly defaultOrg: string;
  readonly serverUrl: string;
  readonly scmType: string;
  readonly apiTokenSecretName: string;
  readonly apiTokenSecretKey: string;
  readonly apiTokenSecretNamespace: string;
}

export interface GitResolverConfig {
  /** By the id before the dot (`team.scm-type`); `default` is the block without one. The param `configKey` chooses. */
  readonly scms: ReadonlyMap<string, ScmConfig>;
  readonly backoff: Backoff;
  readonly caching: { readonly mode: string | undefined; readonly ttlMs: number | undefined };
  /** Repositories of this machine, by `file://` or absolute path: for tests and for one's own laptop. */
  readonly allowFileUrls: boolean;
  /** Secrets that do not say which hosts they are for are sent nowhere. */
  readonly boundSecretsOnly: boolean;
}
