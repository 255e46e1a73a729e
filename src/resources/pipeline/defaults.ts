import type { EngineConfig } from '../engine-config.ts';
import { defaultParamSpec } from '../param-specs.ts';
import { defaultTaskRef } from '../run-defaults.ts';
import { defaultTaskSpec } from '../task/defaults.ts';
import type { EmbeddedTask, Pipeline, PipelineSpec, PipelineTask } from './schema.ts';

export function defaultPipeline(pipeline: Pipeline, config: EngineConfig): Pipeline {
  return { ...pipeline, spec: defaultPipelineSpec(pipeline.spec, config) };
}

export function defaultPipelineSpec(spec: PipelineSpec, config: EngineConfig): PipelineSpec {
  const defaultTasks = (tasks: PipelineTask[]): PipelineTask[] => tasks.map((task) => defaultPipelineTask(task, config));
  return {
    ...spec,
    ...(spec.params === undefined ? {} : { params: spec.params.map(defaultParamSpec) }),
    ...(spec.tasks === undefined ? {} : { tasks: defaultTasks(spec.tasks) }),
    ...(spec.finally === undefined ? {} : { finally: defaultTasks(spec.finally) }),
    ...(spec.results === undefined
      ? {}
      : { results: spec.results.map((result) => ({ ...result, description: result.description ?? '' })) }),
  };
}

/** A child pipeline gets its defaults when it becomes a run, as upstream has it. */
function defaultPipelineTask(task: PipelineTask, config: EngineConfig): PipelineTask {
  return {
    ...task,
    ...(task.taskRef === undefined ? {} : { taskRef: defaultTaskRef(task.taskRef, config) }),
    ...(task.taskSpec === undefined ? {} : { taskSpec: defaultEmbeddedTask(task.taskSpec, config) }),
  };
}

/** Written whether the author gave them or not, see `defaultTaskSpec`. */
function defaultEmbeddedTask(task: EmbeddedTask, config: EngineConfig): EmbeddedTask {
  const { metadata = {}, spec = null } = task;
  return { ...defaultTaskSpec(task, config), metadata, spec };
}
