import type { ComputeResources, PodTemplate } from './core/pod-fields.ts';
import type { WorkspaceBinding } from './workspaces.ts';

/**
 * Upstream's `config-defaults` and `feature-flags` ConfigMaps as one value, same names, upstream's defaults. What each does here, and which do
 * nothing because there is nothing of the kind on one machine: docs/configuration.md.
 * Source: tektoncd/pipeline pkg/apis/config; reference/pipelines.md 8.1 and 8.2.
 */
export interface EngineConfig {
  /** Minutes; 0 means no timeout. */
  readonly 'default-timeout-minutes': number;
  readonly 'default-service-account': string;
  readonly 'default-managed-by-label-value': string;
  /** Run's own fields go before it. */
  readonly 'default-pod-template': PodTemplate;
  readonly 'default-affinity-assistant-pod-template': Readonly<Record<string, unknown>>;
  /** URL that CloudEvents of runs are sent to; empty is none. */
  readonly 'default-cloud-events-sink': string;
  /** For workspaces that a Task declares and a TaskRun does not bind; `{}` is none. */
  readonly 'default-task-run-workspace-binding': Omit<WorkspaceBinding, 'name'>;
  readonly 'default-max-matrix-combinations-count': number;
  /** Names of variables that no pod template may set. */
  readonly 'default-forbidden-env': readonly string[];
  readonly 'default-resolver-type': string;
  /** By name of a container, `prefix-…` or `default`. */
  readonly 'default-container-resource-requirements': Readonly<Record<string, ComputeResources>>;
  /** Go durations. */
  readonly 'default-imagepullbackoff-timeout': string;
  readonly 'default-create-container-error-timeout': string;
  /** How long anything may take to be resolved, all attempts together. */
  readonly 'default-maximum-resolution-timeout': string;
  readonly 'default-sidecar-log-polling-interval': string;
  /** How many StepActions of one TaskRun may be in resolution at once. */
  readonly 'default-step-ref-concurrency-limit': number;

  readonly 'enable-api-fields': 'stable' | 'beta' | 'alpha';
  readonly coschedule: 'workspaces' | 'pipelineruns' | 'isolate-pipelinerun' | 'disabled';
  readonly 'disable-creds-init': boolean;
  readonly 'await-sidecar-readiness': boolean;
  readonly 'running-in-environment-with-injected-sidecars': boolean;
  readonly 'require-git-ssh-secret-known-hosts': boolean;
  readonly 'send-cloudevents-for-runs': boolean;
  readonly 'trusted-resources-verification-no-match-policy': 'fail' | 'warn' | 'ignore';
  readonly 'enable-provenance-in-status': boolean;
  readonly 'enforce-nonfalsifiability': 'none' | 'spire';
  readonly 'results-from': 'termination-message' | 'sidecar-logs';
  /** Bytes of one result; obeyed with `results-from: sidecar-logs`, as upstream does. */
  readonly 'max-result-size': number;
  readonly 'set-security-context': boolean;
  readonly 'set-security-context-read-only-root-filesystem': boolean;
  readonly 'keep-pod-on-cancel': boolean;
  readonly 'enable-cel-in-whenexpression': boolean;
  readonly 'enable-artifacts': boolean;
  readonly 'enable-param-enum': boolean;
  readonly 'disable-inline-spec': string;
  readonly 'enable-concise-resolver-syntax': boolean;
  readonly 'enable-kubernetes-sidecar': boolean;
  readonly 'enable-step-actions': boolean;
  readonly 'enable-tekton-oci-bundles': boolean;
  readonly 'enable-wait-exponential-backoff': boolean;
  readonly 'enable-termination-message-compression': boolean;
  readonly 'enable-informer-cache-transforms': boolean;
}

export const defaultEngineConfig: EngineConfig = {
  'default-timeout-minutes': 60,
  'default-service-account': 'default',
  'default-managed-by-label-value': 'tekton-pipelines',
  'default-pod-template': {},
  'default-affinity-assistant-pod-template': {},
  'default-cloud-events-sink': '',
  'default-task-run-workspace-binding': {},
  'default-max-matrix-combinations-count': 256,
  'default-forbidden-env': [],
  'default-resolver-type': '',
  'default-container-resource-requirements': {},
  'default-imagepullbackoff-timeout': '0s',
  'default-create-container-error-timeout': '0s',
  'default-maximum-resolution-timeout': '1m0s',
  'default-sidecar-log-polling-interval': '100ms',
  'default-step-ref-concurrency-limit': 5,
  'enable-api-fields': 'beta',
  coschedule: 'workspaces',
  'disable-creds-init': false,
  'await-sidecar-readiness': true,
  'running-in-environment-with-injected-sidecars': true,
  'require-git-ssh-secret-known-hosts': false,
  'send-cloudevents-for-runs': true,
  'trusted-resources-verification-no-match-policy': 'ignore',
  'enable-provenance-in-status': true,
  'enforce-nonfalsifiability': 'none',
  'results-from': 'termination-message',
  'max-result-size': 4096,
  'set-security-context': false,
  'set-security-context-read-only-root-filesystem': false,
  'keep-pod-on-cancel': false,
  'enable-cel-in-whenexpression': false,
  'enable-artifacts': false,
  'enable-param-enum': false,
  'disable-inline-spec': '',
  'enable-concise-resolver-syntax': false,
  'enable-kubernetes-sidecar': false,
  'enable-step-actions': true,
  'enable-tekton-oci-bundles': false,
  'enable-wait-exponential-backoff': false,
  'enable-termination-message-compression': false,
  'enable-informer-cache-transforms': true,
};
