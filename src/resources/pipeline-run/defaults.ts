import { formatDuration } from '../duration.ts';
import type { EngineConfig } from '../engine-config.ts';
import { mergePodTemplates } from '../merge-pod-templates.ts';
import { defaultPipelineSpec } from '../pipeline/defaults.ts';
import { defaultBindings, defaultPipelineRef, withoutReservedAnnotations } from '../run-defaults.ts';
import type { PipelineRun, PipelineRunSpec } from './schema.ts';

export function defaultPipelineRun(run: PipelineRun, config: EngineConfig): PipelineRun {
  return { ...run, metadata: withoutReservedAnnotations(run.metadata), spec: defaultPipelineRunSpec(run.spec, config) };
}

export function defaultPipelineRunSpec(spec: PipelineRunSpec, config: EngineConfig): PipelineRunSpec {
  const account = spec.taskRunTemplate?.serviceAccountName ?? '';
  const podTemplate = mergePodTemplates(spec.taskRunTemplate?.podTemplate, config['default-pod-template']);
  return {
    ...spec,
    ...(spec.pipelineRef === undefined ? {} : { pipelineRef: defaultPipelineRef(spec.pipelineRef, config) }),
    ...(spec.pipelineSpec === undefined ? {} : { pipelineSpec: defaultPipelineSpec(spec.pipelineSpec, config) }),
    timeouts: { ...spec.timeouts, pipeline: spec.timeouts?.pipeline ?? formatDuration(config['default-timeout-minutes'] * 60_000) },
    ...defaultBindings(spec.workspaces),
    taskRunTemplate: {
      ...spec.taskRunTemplate,
      serviceAccountName: account === '' ? config['default-service-account'] : account,
      ...(podTemplate && { podTemplate }),
    },
  };
}
