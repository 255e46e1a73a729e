import { accessTokenSchema } from '../access-token/schema.ts';
import { validateAccessToken, validateAccessTokenUpdate } from '../access-token/validate.ts';
import { defaultInterceptor } from '../cluster-interceptor/defaults.ts';
import { clusterInterceptorSchema } from '../cluster-interceptor/schema.ts';
import { validateInterceptor } from '../cluster-interceptor/validate.ts';
import { clusterTriggerBindingSchema } from '../cluster-trigger-binding/schema.ts';
import { configMapSchema } from '../core/config-map/schema.ts';
import { validateConfigMap, validateConfigMapUpdate } from '../core/config-map/validate.ts';
import { eventSchema } from '../core/event/schema.ts';
import { limitRangeSchema } from '../core/limit-range/schema.ts';
import { namespaceSchema } from '../core/namespace/schema.ts';
import { persistentVolumeClaimSchema } from '../core/persistent-volume-claim/schema.ts';
import { podSchema } from '../core/pod/schema.ts';
import { defaultSecret } from '../core/secret/defaults.ts';
import { secretSchema } from '../core/secret/schema.ts';
import { validateSecret, validateSecretUpdate } from '../core/secret/validate.ts';
import { serviceAccountSchema } from '../core/service-account/schema.ts';
import { defaultCustomRun } from '../custom-run/defaults.ts';
import { customRunSchema } from '../custom-run/schema.ts';
import { validateCustomRun } from '../custom-run/validate.ts';
import type { EngineConfig } from '../engine-config.ts';
import { defaultEventListener } from '../event-listener/defaults.ts';
import { eventListenerSchema } from '../event-listener/schema.ts';
import { validateEventListener } from '../event-listener/validate.ts';
import type { FieldError } from '../field-error.ts';
import { inertKinds, inertSchema } from '../inert-kinds.ts';
import { interceptorSchema } from '../interceptor/schema.ts';
import { type GroupKind, groupKindOf, type KubeObject } from '../object.ts';
import { defaultPipeline } from '../pipeline/defaults.ts';
import { pipelineSchema } from '../pipeline/schema.ts';
import { validatePipeline } from '../pipeline/validate.ts';
import { defaultPipelineRun } from '../pipeline-run/defaults.ts';
import { pipelineRunSchema } from '../pipeline-run/schema.ts';
import { validatePipelineRun, validatePipelineRunUpdate } from '../pipeline-run/validate.ts';
import { resolutionRequestSchema } from '../resolution-request/schema.ts';
import { validateResolutionRequest } from '../resolution-request/validate.ts';
import { defaultRunAction } from '../run-action/defaults.ts';
import { runActionSchema } from '../run-action/schema.ts';
import { validateRunAction, validateRunActionUpdate } from '../run-action/validate.ts';
import { defaultSchedule } from '../schedule/defaults.ts';
import { scheduleSchema } from '../schedule/schema.ts';
import { validateSchedule } from '../schedule/validate.ts';
import { defaultStepAction } from '../step-action/defaults.ts';
import { stepActionSchema } from '../step-action/schema.ts';
import { validateStepAction } from '../step-action/validate.ts';
import { defaultTask } from '../task/defaults.ts';
import { taskSchema } from '../task/schema.ts';
import { validateTask } from '../task/validate.ts';
import { defaultTaskRun } from '../task-run/defaults.ts';
import { taskRunSchema } from '../task-run/schema.ts';
import { validateTaskRun, validateTaskRunUpdate } from '../task-run/validate.ts';
import { defaultTrigger } from '../trigger/defaults.ts';
import { triggerSchema } from '../trigger/schema.ts';
import { validateTrigger } from '../trigger/validate.ts';
import { triggerBindingSchema } from '../trigger-binding/schema.ts';
import { validateTriggerBinding } from '../trigger-binding/validate.ts';
import { triggerTemplateSchema } from '../trigger-template/schema.ts';
import { validateTriggerTemplate } from '../trigger-template/validate.ts';
import type { z } from '../zod.ts';
import type { Raw } from './convert-fields.ts';
import { convertPipelineKind } from './convert-pipelines.ts';
import { convertResolutionRequest } from './convert-resolution-request.ts';
import { convertTriggerKind } from './convert-triggers.ts';
import { type Problems, problemsOfV1beta1 } from './problems-of-v1beta1.ts';

/** How objects of one kind are admitted. */
interface KindRules<T extends KubeObject> {
  readonly schema: z.ZodType<T>;
  readonly defaults?: (object: T, config: EngineConfig) => T;
  readonly validate?: (object: T, config: EngineConfig) => readonly FieldError[];
  readonly validateUpdate?: (before: T, after: T) => readonly FieldError[];
  /** From an older version of the kind. */
  readonly convert?: (kind: string, object: Raw) => Raw;
  /** What such an object of the older version may not hold. */
  readonly problems?: (kind: string, object: Raw) => Problems;
  /** Characters a name may have; upstream's 63 unless said otherwise. */
  readonly longestName?: number;
}

/** The same with the kind's own type hidden: the schema stands in front of everything else, so that the rules only see what it let in. */
export interface AdmissionRules {
  readonly schema: z.ZodType<KubeObject>;
  readonly settle: (object: unknown, config: EngineConfig) => { readonly object: KubeObject; readonly errors: readonly FieldError[] };
  readonly validateUpdate: (before: KubeObject, after: KubeObject) => readonly FieldError[];
  readonly convert?: ((kind: string, object: Raw) => Raw) | undefined;
  readonly problems?: ((kind: string, object: Raw) => Problems) | undefined;
  readonly longestName?: number | undefined;
}

function rules<T extends KubeObject>(kind: KindRules<T>): AdmissionRules {
  const { schema, defaults, validate, validateUpdate, convert, problems, longestName } = kind;
  return {
    schema,
    convert,
    problems,
    longestName,
    settle(parsed, config) {
      const object = defaults === undefined ? (parsed as T) : defaults(parsed as T, config);
      return { object, errors: validate?.(object, config) ?? [] };
    },
    validateUpdate: (before, after) => validateUpdate?.(before as T, after as T) ?? [],
  };
}

const ofV1beta1 = { convert: convertPipelineKind, problems: problemsOfV1beta1 } as const;
/** Kubernetes' own names. */
const longestName = 253;

export const admissionRules: ReadonlyMap<GroupKind, AdmissionRules> = new Map<GroupKind, AdmissionRules>([
  ['tekton.dev/Task', rules({ schema: taskSchema, defaults: defaultTask, validate: validateTask, ...ofV1beta1 })],
  [
    'tekton.dev/TaskRun',
    rules({
      schema: taskRunSchema,
      defaults: defaultTaskRun,
      validate: validateTaskRun,
      validateUpdate: validateTaskRunUpdate,
      ...ofV1beta1,
    }),
  ],
  ['tekton.dev/Pipeline', rules({ schema: pipelineSchema, defaults: defaultPipeline, validate: validatePipeline, ...ofV1beta1 })],
  [
    'tekton.dev/PipelineRun',
    rules({
      schema: pipelineRunSchema,
      defaults: defaultPipelineRun,
      validate: validatePipelineRun,
      validateUpdate: validatePipelineRunUpdate,
      ...ofV1beta1,
    }),
  ],
  [
    'tekton.dev/StepAction',
    rules({
      schema: stepActionSchema,
      defaults: defaultStepAction,
      validate: validateStepAction,
      convert: (_kind, object) => ({ ...object, apiVersion: 'tekton.dev/v1beta1' }),
    }),
  ],
  ['tekton.dev/CustomRun', rules({ schema: customRunSchema, defaults: defaultCustomRun, validate: validateCustomRun })],
  [
    'resolution.tekton.dev/ResolutionRequest',
    rules({ schema: resolutionRequestSchema, validate: validateResolutionRequest, convert: convertResolutionRequest }),
  ],
  [
    'triggers.tekton.dev/EventListener',
    rules({
      schema: eventListenerSchema,
      defaults: defaultEventListener,
      validate: validateEventListener,
      convert: convertTriggerKind,
      longestName,
    }),
  ],
  [
    'triggers.tekton.dev/Trigger',
    rules({ schema: triggerSchema, defaults: defaultTrigger, validate: validateTrigger, convert: convertTriggerKind }),
  ],
  [
    'triggers.tekton.dev/TriggerBinding',
    rules({ schema: triggerBindingSchema, validate: validateTriggerBinding, convert: convertTriggerKind }),
  ],
  [
    'triggers.tekton.dev/ClusterTriggerBinding',
    rules({ schema: clusterTriggerBindingSchema, validate: validateTriggerBinding, convert: convertTriggerKind }),
  ],
  [
    'triggers.tekton.dev/TriggerTemplate',
    rules({ schema: triggerTemplateSchema, validate: validateTriggerTemplate, convert: convertTriggerKind }),
  ],
  [
    'triggers.tekton.dev/ClusterInterceptor',
    rules({ schema: clusterInterceptorSchema, defaults: defaultInterceptor, validate: validateInterceptor }),
  ],
  ['triggers.tekton.dev/Interceptor', rules({ schema: interceptorSchema, defaults: defaultInterceptor, validate: validateInterceptor })],
  ['tappet.dev/Schedule', rules({ schema: scheduleSchema, defaults: defaultSchedule, validate: validateSchedule })],
  [
    'tappet.dev/RunAction',
    rules({
      schema: runActionSchema,
      defaults: defaultRunAction,
      validate: validateRunAction,
      validateUpdate: validateRunActionUpdate,
    }),
  ],
  [
    'tappet.dev/AccessToken',
    rules({ schema: accessTokenSchema, validate: validateAccessToken, validateUpdate: validateAccessTokenUpdate }),
  ],
  ['Namespace', rules({ schema: namespaceSchema })],
  ['ConfigMap', rules({ schema: configMapSchema, validate: validateConfigMap, validateUpdate: validateConfigMapUpdate, longestName })],
  [
    'Secret',
    rules({ schema: secretSchema, defaults: defaultSecret, validate: validateSecret, validateUpdate: validateSecretUpdate, longestName }),
  ],
  ['ServiceAccount', rules({ schema: serviceAccountSchema, longestName })],
  ['PersistentVolumeClaim', rules({ schema: persistentVolumeClaimSchema, longestName })],
  ['Pod', rules({ schema: podSchema, longestName })],
  ['Event', rules({ schema: eventSchema, longestName })],
  ['LimitRange', rules({ schema: limitRangeSchema, longestName })],
  ...inertKinds.map((inert): [GroupKind, AdmissionRules] => {
    const schema = inertSchema(inert);
    const apiVersion = inert.group === '' ? inert.version : `${inert.group}/${inert.version}`;
    return [groupKindOf({ apiVersion, kind: inert.kind }), rules({ schema, longestName })];
  }),
]);
