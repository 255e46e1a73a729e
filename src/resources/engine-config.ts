/**
 * Upstream's `config-defaults` and `feature-flags` ConfigMaps as one value, same names, upstream's defaults.
 * Source: tektoncd/pipeline pkg/apis/config; reference/pipelines.md 8.1 and 8.2.
 */
export interface EngineConfig {
  /** Minutes; 0 means no timeout. */
  readonly 'default-timeout-minutes': number;
  readonly 'default-service-account': string;
  readonly 'default-managed-by-label-value': string;
  readonly 'default-max-matrix-combinations-count': number;
  readonly 'default-resolver-type': string;
  /** Go duration: how long anything may take to be resolved, all attempts together. */
  readonly 'default-maximum-resolution-timeout': string;
  /** How many StepActions of one TaskRun may be in resolution at once. */
  readonly 'default-step-ref-concurrency-limit': number;
  readonly 'enable-api-fields': 'stable' | 'beta' | 'alpha';
  readonly 'enable-cel-in-whenexpression': boolean;
  readonly 'enable-param-enum': boolean;
  readonly 'enable-artifacts': boolean;
  readonly 'enable-provenance-in-status': boolean;
  readonly 'disable-inline-spec': string;
  readonly 'enable-concise-resolver-syntax': boolean;
  /** Steps get no credentials of their ServiceAccount. */
  readonly 'disable-creds-init': boolean;
  readonly 'require-git-ssh-secret-known-hosts': boolean;
}

export const defaultEngineConfig: EngineConfig = {
  'default-timeout-minutes': 60,
  'default-service-account': 'default',
  'default-managed-by-label-value': 'tekton-pipelines',
  'default-max-matrix-combinations-count': 256,
  'default-resolver-type': '',
  'default-maximum-resolution-timeout': '1m',
  'default-step-ref-concurrency-limit': 5,
  'enable-api-fields': 'beta',
  'enable-cel-in-whenexpression': false,
  'enable-param-enum': false,
  'enable-artifacts': false,
  'enable-provenance-in-status': true,
  'disable-inline-spec': '',
  'enable-concise-resolver-syntax': false,
  'disable-creds-init': false,
  'require-git-ssh-secret-known-hosts': false,
};
