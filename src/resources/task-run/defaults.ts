import { formatDuration } from '../duration.ts';
import type { EngineConfig } from '../engine-config.ts';
import { mergePodTemplates } from '../merge-pod-templates.ts';
import { defaultBindings, defaultTaskRef, withoutReservedAnnotations } from '../run-defaults.ts';
import { defaultTaskSpec } from '../task/defaults.ts';
import type { TaskRun, TaskRunSpec } from './schema.ts';

const managedByLabel = 'app.kubernetes.io/managed-by';

/** 1.4. A label that is there already is kept, an empty one too. */
export function defaultTaskRun(run: TaskRun, config: EngineConfig): TaskRun {
  const labels = run.metadata.labels ?? {};
  return {
    ...run,
    metadata: {
      ...withoutReservedAnnotations(run.metadata),
      labels: managedByLabel in labels ? labels : { ...labels, [managedByLabel]: config['default-managed-by-label-value'] },
    },
    spec: defaultTaskRunSpec(run.spec, config),
  };
}

export function defaultTaskRunSpec(spec: TaskRunSpec, config: EngineConfig): TaskRunSpec {
  const account = spec.serviceAccountName ?? '';
  const podTemplate = mergePodTemplates(spec.podTemplate, config['default-pod-template']);
  return {
    ...spec,
    ...(spec.taskRef === undefined ? {} : { taskRef: defaultTaskRef(spec.taskRef, config) }),
    ...(spec.taskSpec === undefined ? {} : { taskSpec: defaultTaskSpec(spec.taskSpec, config) }),
    ...defaultBindings(spec.workspaces),
    timeout: spec.timeout ?? formatDuration(config['default-timeout-minutes'] * 60_000),
    serviceAccountName: account === '' ? config['default-service-account'] : account,
    ...(podTemplate && { podTemplate }),
  };
}
