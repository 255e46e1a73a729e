import { intOrStringSchema, quantitySchema, rawObjectSchema } from '../scalars.ts';
import { z } from '../zod.ts';

/**
 * The parts of Kubernetes' pod that Tekton's kinds embed. What an engine reads is typed; what only a cluster understands
 * (affinity, probes, exotic volumes) is an object kept as written.
 */

export const localObjectReferenceSchema = z.object({ name: z.string().optional() });

const quantitiesSchema = z.record(z.string(), quantitySchema);

export const computeResourcesSchema = z.object({
  limits: quantitiesSchema.optional(),
  requests: quantitiesSchema.optional(),
  claims: z.array(z.object({ name: z.string(), request: z.string().optional() })).optional(),
});
export type ComputeResources = z.infer<typeof computeResourcesSchema>;

const keySelectorSchema = z.object({ name: z.string().optional(), key: z.string(), optional: z.boolean().optional() });

const fieldSelectorSchema = z.object({ apiVersion: z.string().optional(), fieldPath: z.string() });

const resourceFieldSchema = z.object({ containerName: z.string().optional(), resource: z.string(), divisor: quantitySchema.optional() });
export type ResourceField = z.infer<typeof resourceFieldSchema>;

export const envVarSchema = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      fieldRef: fieldSelectorSchema.optional(),
      resourceFieldRef: resourceFieldSchema.optional(),
      configMapKeyRef: keySelectorSchema.optional(),
      secretKeyRef: keySelectorSchema.optional(),
      fileKeyRef: rawObjectSchema.optional(),
    })
    .optional(),
});
export type EnvVar = z.infer<typeof envVarSchema>;

const envSourceSchema = z.object({ name: z.string().optional(), optional: z.boolean().optional() });

export const envFromSourceSchema = z.object({
  prefix: z.string().optional(),
  configMapRef: envSourceSchema.optional(),
  secretRef: envSourceSchema.optional(),
});
export type EnvFromSource = z.infer<typeof envFromSourceSchema>;

export const volumeMountSchema = z.object({
  name: z.string(),
  mountPath: z.string(),
  readOnly: z.boolean().optional(),
  recursiveReadOnly: z.string().optional(),
  subPath: z.string().optional(),
  subPathExpr: z.string().optional(),
  mountPropagation: z.string().optional(),
});
export type VolumeMount = z.infer<typeof volumeMountSchema>;

export const volumeDeviceSchema = z.object({ name: z.string(), devicePath: z.string() });
export type VolumeDevice = z.infer<typeof volumeDeviceSchema>;

/** Of a pod or of a container; the fields of both. */
export const securityContextSchema = z.object({
  runAsUser: z.int().optional(),
  runAsGroup: z.int().optional(),
  runAsNonRoot: z.boolean().optional(),
  privileged: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  capabilities: z.object({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() }).optional(),
  procMount: z.string().optional(),
  seLinuxOptions: rawObjectSchema.optional(),
  windowsOptions: rawObjectSchema.optional(),
  seccompProfile: rawObjectSchema.optional(),
  appArmorProfile: rawObjectSchema.optional(),
});
export type SecurityContext = z.infer<typeof securityContextSchema>;

export const podSecurityContextSchema = z.object({
  runAsUser: z.int().optional(),
  runAsGroup: z.int().optional(),
  runAsNonRoot: z.boolean().optional(),
  supplementalGroups: z.array(z.int()).optional(),
  supplementalGroupsPolicy: z.string().optional(),
  fsGroup: z.int().optional(),
  fsGroupChangePolicy: z.string().optional(),
  sysctls: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  seLinuxOptions: rawObjectSchema.optional(),
  seLinuxChangePolicy: z.string().optional(),
  windowsOptions: rawObjectSchema.optional(),
  seccompProfile: rawObjectSchema.optional(),
  appArmorProfile: rawObjectSchema.optional(),
});
export type PodSecurityContext = z.infer<typeof podSecurityContextSchema>;

export const imagePullPolicySchema = z.enum(['Always', 'Never', 'IfNotPresent']);

const keyToPathSchema = z.object({ key: z.string(), path: z.string(), mode: z.int().optional() });

export const emptyDirSchema = z.object({ medium: z.string().optional(), sizeLimit: quantitySchema.optional() });

export const claimSourceSchema = z.object({ claimName: z.string(), readOnly: z.boolean().optional() });

export const configMapSourceSchema = z.object({
  name: z.string().optional(),
  items: z.array(keyToPathSchema).optional(),
  defaultMode: z.int().optional(),
  optional: z.boolean().optional(),
});

/** A volume's secret names itself `secretName`; a projected one's `name`. */
export const secretSourceSchema = z.object({
  secretName: z.string().optional(),
  items: z.array(keyToPathSchema).optional(),
  defaultMode: z.int().optional(),
  optional: z.boolean().optional(),
});

/** A file that a field of the pod is written to. */
const downwardFileSchema = z.object({
  path: z.string(),
  fieldRef: fieldSelectorSchema.optional(),
  resourceFieldRef: resourceFieldSchema.optional(),
  mode: z.int().optional(),
});
export type DownwardFile = z.infer<typeof downwardFileSchema>;

const projectionSchema = z.object({
  name: z.string().optional(),
  items: z.array(keyToPathSchema).optional(),
  optional: z.boolean().optional(),
});

export const projectedSchema = z.object({
  sources: z
    .array(
      z.object({
        configMap: projectionSchema.optional(),
        secret: projectionSchema.optional(),
        downwardAPI: z.object({ items: z.array(downwardFileSchema).optional() }).optional(),
        serviceAccountToken: rawObjectSchema.optional(),
        clusterTrustBundle: rawObjectSchema.optional(),
        podCertificate: rawObjectSchema.optional(),
      }),
    )
    .optional(),
  defaultMode: z.int().optional(),
});

export const csiSchema = z.object({
  driver: z.string(),
  readOnly: z.boolean().optional(),
  fsType: z.string().optional(),
  volumeAttributes: z.record(z.string(), z.string()).optional(),
  nodePublishSecretRef: localObjectReferenceSchema.optional(),
});

/** One name and one source. The last group only a cluster can serve. */
export const volumeSchema = z.object({
  name: z.string(),
  emptyDir: emptyDirSchema.optional(),
  persistentVolumeClaim: claimSourceSchema.optional(),
  configMap: configMapSourceSchema.optional(),
  secret: secretSourceSchema.optional(),
  projected: projectedSchema.optional(),
  csi: csiSchema.optional(),
  awsElasticBlockStore: rawObjectSchema.optional(),
  azureDisk: rawObjectSchema.optional(),
  azureFile: rawObjectSchema.optional(),
  cephfs: rawObjectSchema.optional(),
  cinder: rawObjectSchema.optional(),
  downwardAPI: z.object({ items: z.array(downwardFileSchema).optional(), defaultMode: z.int().optional() }).optional(),
  ephemeral: rawObjectSchema.optional(),
  fc: rawObjectSchema.optional(),
  flexVolume: rawObjectSchema.optional(),
  flocker: rawObjectSchema.optional(),
  gcePersistentDisk: rawObjectSchema.optional(),
  gitRepo: rawObjectSchema.optional(),
  glusterfs: rawObjectSchema.optional(),
  hostPath: z.object({ path: z.string(), type: z.string().optional() }).optional(),
  image: z.object({ reference: z.string().optional(), pullPolicy: imagePullPolicySchema.optional() }).optional(),
  iscsi: rawObjectSchema.optional(),
  nfs: rawObjectSchema.optional(),
  photonPersistentDisk: rawObjectSchema.optional(),
  portworxVolume: rawObjectSchema.optional(),
  quobyte: rawObjectSchema.optional(),
  rbd: rawObjectSchema.optional(),
  scaleIO: rawObjectSchema.optional(),
  storageos: rawObjectSchema.optional(),
  vsphereVolume: rawObjectSchema.optional(),
});
export type Volume = z.infer<typeof volumeSchema>;

export const containerPortSchema = z.object({
  name: z.string().optional(),
  containerPort: z.int(),
  hostPort: z.int().optional(),
  hostIP: z.string().optional(),
  protocol: z.string().optional(),
});

const httpHeaderSchema = z.object({ name: z.string(), value: z.string() });

const handlerFields = {
  exec: z.object({ command: z.array(z.string()).optional() }).optional(),
  httpGet: z
    .object({
      path: z.string().optional(),
      port: intOrStringSchema,
      host: z.string().optional(),
      scheme: z.string().optional(),
      httpHeaders: z.array(httpHeaderSchema).optional(),
    })
    .optional(),
  tcpSocket: z.object({ port: intOrStringSchema, host: z.string().optional() }).optional(),
};

export const probeSchema = z.object({
  ...handlerFields,
  grpc: z.object({ port: z.int(), service: z.string().optional() }).optional(),
  initialDelaySeconds: z.int().optional(),
  timeoutSeconds: z.int().optional(),
  periodSeconds: z.int().optional(),
  successThreshold: z.int().optional(),
  failureThreshold: z.int().optional(),
  terminationGracePeriodSeconds: z.int().optional(),
});
export type Probe = z.infer<typeof probeSchema>;

const handlerSchema = z.object({ ...handlerFields, sleep: z.object({ seconds: z.int() }).optional() });
export type Handler = z.infer<typeof handlerSchema>;

export const lifecycleSchema = z.object({
  postStart: handlerSchema.optional(),
  preStop: handlerSchema.optional(),
  stopSignal: z.string().optional(),
});

export const tolerationSchema = z.object({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
  tolerationSeconds: z.int().optional(),
});

export const dnsConfigSchema = z.object({
  nameservers: z.array(z.string()).optional(),
  searches: z.array(z.string()).optional(),
  options: z.array(z.object({ name: z.string().optional(), value: z.string().optional() })).optional(),
});

/** What a run may say about the pods of its tasks. */
export const podTemplateSchema = z.object({
  nodeSelector: z.record(z.string(), z.string()).optional(),
  env: z.array(envVarSchema).optional(),
  tolerations: z.array(tolerationSchema).optional(),
  affinity: rawObjectSchema.optional(),
  securityContext: podSecurityContextSchema.optional(),
  volumes: z.array(volumeSchema).optional(),
  runtimeClassName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  dnsPolicy: z.string().optional(),
  dnsConfig: dnsConfigSchema.optional(),
  enableServiceLinks: z.boolean().optional(),
  priorityClassName: z.string().optional(),
  schedulerName: z.string().optional(),
  imagePullSecrets: z.array(localObjectReferenceSchema).optional(),
  hostAliases: z.array(z.object({ ip: z.string(), hostnames: z.array(z.string()).optional() })).optional(),
  hostNetwork: z.boolean().optional(),
  hostUsers: z.boolean().optional(),
  topologySpreadConstraints: z.array(rawObjectSchema).optional(),
});
export type PodTemplate = z.infer<typeof podTemplateSchema>;
