import { parseTypedYaml } from '../expressions/typed-yaml.ts';
import { goQuote } from '../expressions/variables/go-quote.ts';
import { isDeeperThan, maxDepth } from './admission/depth.ts';
import { computeResourcesSchema, podTemplateSchema } from './core/pod-fields.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { EngineConfig } from './engine-config.ts';
import { workspaceBindingSchema } from './workspaces.ts';
import { z } from './zod.ts';

/** How one key is read, from the text of a ConfigMap or from a plain value of our configuration file. */
export interface ConfigKey<T = unknown> {
  /** Of upstream's. */
  readonly map: 'config-defaults' | 'feature-flags';
  /** `undefined`: it is no such value. */
  readonly read: (value: unknown) => T | undefined;
  /** For people. */
  readonly expected: string;
  /** What upstream says when its ConfigMap has this text. */
  readonly refusal: (text: string) => string;
  /** Its name in `status.provenance.featureFlags`. */
  readonly told?: string | undefined;
}

/** Bytes: what fits into an object of Kubernetes. */
const largestResult = 1_572_864;
/** As Go's `strconv.ParseBool`. */
const trues: ReadonlySet<unknown> = new Set([true, '1', 't', 'T', 'TRUE', 'true', 'True']);
const falses: ReadonlySet<unknown> = new Set([false, '0', 'f', 'F', 'FALSE', 'false', 'False']);

type Keys = { readonly [K in keyof EngineConfig]: ConfigKey<EngineConfig[K]> };

/** Every key of upstream's two ConfigMaps. Follows tektoncd/pipeline pkg/apis/config/default.go and feature_flags.go. */
export const engineConfigKeys: Keys = {
  'default-timeout-minutes': count('default-timeout-minutes'),
  'default-service-account': text('config-defaults'),
  'default-managed-by-label-value': text('config-defaults'),
  'default-pod-template': document(podTemplateSchema, 'a pod template'),
  'default-affinity-assistant-pod-template': document(z.record(z.string(), z.unknown()), 'a pod template'),
  'default-cloud-events-sink': text('config-defaults'),
  'default-task-run-workspace-binding': document(workspaceBindingSchema.omit({ name: true }), 'a workspace binding without its name'),
  'default-max-matrix-combinations-count': count('default-max-matrix-combinations-count'),
  'default-forbidden-env': {
    map: 'config-defaults',
    read: namesOf,
    expected: 'names of variables, separated by commas',
    refusal: (value) => `failed to unmarshal ${value}`,
  },
  'default-resolver-type': text('config-defaults'),
  'default-container-resource-requirements': document(z.record(z.string(), computeResourcesSchema), 'limits and requests by container'),
  'default-imagepullbackoff-timeout': duration((): string => failedDefault('default-imagepullbackoff-timeout')),
  'default-create-container-error-timeout': duration(
    (value) => `${failedDefault('default-create-container-error-timeout')}: time: invalid duration ${goQuote(value)}`,
  ),
  'default-maximum-resolution-timeout': duration(() => failedDefault('default-maximum-resolution-timeout')),
  // Upstream names the value here, not the key.
  'default-sidecar-log-polling-interval': duration(failedDefault),
  'default-step-ref-concurrency-limit': count('default-step-ref-concurrency-limit'),

  'enable-api-fields': oneOf('enable-api-fields', 'enableAPIFields', ['stable', 'beta', 'alpha']),
  coschedule: oneOf('coschedule', 'coschedule', ['workspaces', 'pipelineruns', 'isolate-pipelinerun', 'disabled']),
  'disable-creds-init': flag('disableCredsInit'),
  'await-sidecar-readiness': flag('awaitSidecarReadiness'),
  'running-in-environment-with-injected-sidecars': flag('runningInEnvWithInjectedSidecars'),
  'require-git-ssh-secret-known-hosts': flag('requireGitSSHSecretKnownHosts'),
  'send-cloudevents-for-runs': flag('sendCloudEventsForRuns'),
  'trusted-resources-verification-no-match-policy': oneOf('trusted-resources-verification-no-match-policy', 'verificationNoMatchPolicy', [
    'fail',
    'warn',
    'ignore',
  ]),
  'enable-provenance-in-status': flag('enableProvenanceInStatus'),
  'enforce-nonfalsifiability': oneOf('enforce-nonfalsifiability', 'enforceNonfalsifiability', ['none', 'spire']),
  'results-from': oneOf('results-from', 'resultExtractionMethod', ['termination-message', 'sidecar-logs']),
  'max-result-size': {
    map: 'feature-flags',
    read: (value) => {
      const size = wholeNumber(value);
      return size !== undefined && size < largestResult ? size : undefined;
    },
    expected: `a whole number below ${largestResult}`,
    // Upstream names the other key in this one.
    refusal: (value) =>
      wholeNumber(value) === undefined
        ? `strconv.Atoi: parsing ${goQuote(value)}: invalid syntax`
        : `invalid value for feature flag "results-from": ${goQuote(value)}. This is exceeding the CRD limit`,
    told: 'maxResultSize',
  },
  'set-security-context': flag('setSecurityContext'),
  'set-security-context-read-only-root-filesystem': flag('setSecurityContextReadOnlyRootFilesystem'),
  'keep-pod-on-cancel': flag('enableKeepPodOnCancel', 'keep-pod-on-cancel'),
  'enable-cel-in-whenexpression': flag('enableCELInWhenExpression', 'enable-cel-in-whenexpression'),
  'enable-artifacts': flag('enableArtifacts', 'enable-artifacts'),
  'enable-param-enum': flag('enableParamEnum', 'enable-param-enum'),
  'disable-inline-spec': { ...text('feature-flags'), told: 'disableInlineSpec' },
  'enable-concise-resolver-syntax': flag('enableConciseResolverSyntax', 'enable-concise-resolver-syntax'),
  'enable-kubernetes-sidecar': flag('enableKubernetesSidecar'),
  // Upstream no longer reads these.
  'enable-step-actions': flag(undefined),
  'enable-tekton-oci-bundles': flag(undefined),
  'enable-wait-exponential-backoff': flag('enableWaitExponentialBackoff'),
  'enable-termination-message-compression': flag('enableTerminationMessageCompression', 'enable-termination-message-compression'),
  'enable-informer-cache-transforms': flag(undefined),
};

function flag(told: string | undefined, feature?: string): ConfigKey<boolean> {
  const suffix = feature === undefined ? '' : ` for feature ${feature}`;
  return {
    map: 'feature-flags',
    read: (value) => (trues.has(value) ? true : falses.has(value) ? false : undefined),
    expected: 'true or false',
    refusal: (value) =>
      `failed parsing feature flags config ${goQuote(value)}: strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax${suffix}`,
    told,
  };
}

function oneOf<T extends string>(key: string, told: string, values: readonly T[]): ConfigKey<T> {
  return {
    map: 'feature-flags',
    read: (value) => values.find((each) => typeof value === 'string' && each === value.toLowerCase()),
    expected: `one of ${values.join(', ')}`,
    refusal: (value) => `invalid value for feature flag ${goQuote(key)}: ${goQuote(value.toLowerCase())}`,
    told,
  };
}

function text(map: ConfigKey['map']): ConfigKey<string> {
  return { map, read: (value) => (typeof value === 'string' ? value : undefined), expected: 'text', refusal: () => '' };
}

function count(key: string): ConfigKey<number> {
  return { map: 'config-defaults', read: wholeNumber, expected: 'a whole number', refusal: () => failedDefault(key) };
}

function duration(refusal: (text: string) => string): ConfigKey<string> {
  const read = (value: unknown): string | undefined => {
    const time = typeof value === 'string' ? parseDuration(value) : undefined;
    return time === undefined || time < 0 ? undefined : formatDuration(time);
  };
  return { map: 'config-defaults', read, expected: 'a duration like 5m or 90s', refusal };
}

/** YAML within a ConfigMap's text, or already read. What the schema does not know is left out, as upstream does after a warning. */
function document<T>(schema: z.ZodType<T>, expected: string): ConfigKey<T> {
  const read = (value: unknown): T | undefined => {
    const yaml = typeof value === 'string' ? parseTypedYaml(value) : { ok: true as const, value };
    if (!yaml.ok || isDeeperThan(yaml.value, maxDepth)) return undefined;
    const parsed = schema.safeParse(yaml.value ?? {});
    return parsed.success ? parsed.data : undefined;
  };
  return { map: 'config-defaults', read, expected, refusal: (value) => `failed to unmarshal ${value}` };
}

function namesOf(value: unknown): readonly string[] | undefined {
  const names = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
  return [...new Set(names.map((name: string) => name.trim()))].sort();
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+]?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function failedDefault(key: string): string {
  return `failed parsing default config ${goQuote(key)}`;
}
