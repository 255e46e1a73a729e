import type { FieldRule } from './admission/field-rules.ts';

/**
 * What of a pod has no effect on one machine, or not the one that was asked for. What is always stricter than asked, or holds of a single node anyway, is not
 * told: docs/pods.md lists it all.
 */

const refused = 'only a cluster can serve it: a TaskRun that has it fails when it is to start';
const privileges = 'no container has privileges here, and none can gain any';
const profile = 'no profile of this kind is applied; the sandbox is as it always is';
const oneNode = 'there is one node, this machine: the pod runs here whatever the rule says';

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const isAnyOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const isUnconfined = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Unconfined';

const profileRules: readonly FieldRule[] = [
  { path: 'seccompProfile', text: profile, unless: isUnconfined },
  { path: 'appArmorProfile', text: profile, unless: isUnconfined },
  { path: 'seLinuxOptions', text: profile, unless: isEmpty },
  { path: 'windowsOptions', text: 'there are no Windows containers here', unless: isEmpty },
];

/** Of a container's securityContext. */
const securityRules: readonly FieldRule[] = [
  { path: 'privileged', text: privileges, unless: isAnyOf(false) },
  { path: 'allowPrivilegeEscalation', text: privileges, unless: isAnyOf(false) },
  { path: 'capabilities.add', text: privileges, unless: isEmpty },
  { path: 'procMount', text: '/proc is mounted as it always is', unless: isAnyOf('', 'Default') },
  ...profileRules,
];

const podSecurityRules: readonly FieldRule[] = [
  { path: 'supplementalGroups', text: 'a sandbox has one user and one group; the files of its volumes belong to them', unless: isEmpty },
  { path: 'sysctls', text: 'the settings of the kernel are those of this machine', unless: isEmpty },
  ...profileRules,
];

const served = [
  'name',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'configMap',
  'secret',
  'projected',
  'downwardAPI',
  'hostPath',
  'image',
];

/** Of a volume's or a workspace binding's source. */
const sourceRules: readonly FieldRule[] = [
  { path: 'emptyDir.medium', text: 'it is a folder on the disk', unless: isAnyOf('') },
  { path: 'emptyDir.sizeLimit', text: 'the size of a volume is not limited' },
  { path: 'projected.sources[].serviceAccountToken', text: `${refused}; this server issues no tokens for service accounts` },
  { path: 'projected.sources[].clusterTrustBundle', text: refused },
  { path: 'projected.sources[].podCertificate', text: refused },
];

const volumeRules: readonly FieldRule[] = [{ path: '*', except: served, text: refused }, ...sourceRules];

const envRules: readonly FieldRule[] = [{ path: 'valueFrom.fileKeyRef', text: refused }];

const podTemplateRules: readonly FieldRule[] = [
  ...under('env[]', envRules),
  ...under('volumes[]', volumeRules),
  ...under('securityContext', podSecurityRules),
  { path: 'nodeSelector.*', except: ['kubernetes.io/os', 'kubernetes.io/arch'], text: oneNode },
  { path: 'affinity.nodeAffinity', text: oneNode },
  { path: 'affinity.podAntiAffinity', text: oneNode },
  { path: 'runtimeClassName', text: 'every pod runs in the same kind of sandbox', unless: isAnyOf('') },
  { path: 'priorityClassName', text: 'pods begin in the order in which they were created', unless: isAnyOf('') },
  { path: 'automountServiceAccountToken', text: 'this server issues no tokens for service accounts', unless: isAnyOf(false) },
];

export const podRules = {
  /** Of a step, a step template, a sidecar or a StepAction. */
  container: [
    ...under('env[]', envRules),
    ...under('securityContext', securityRules),
    { path: 'volumeDevices', text: refused, unless: isEmpty },
    { path: 'volumeMounts[].mountPropagation', text: 'mounts of one container are never seen by another', unless: isAnyOf('', 'None') },
  ],
  volume: volumeRules,
  workspace: [...sourceRules, { path: 'csi', text: refused }],
  template: podTemplateRules,
} satisfies Readonly<Record<string, readonly FieldRule[]>>;

function under(prefix: string, rules: readonly FieldRule[]): readonly FieldRule[] {
  return rules.map((rule) => ({ ...rule, path: `${prefix}.${rule.path}` }));
}
