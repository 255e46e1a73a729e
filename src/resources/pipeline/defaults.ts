import type { EngineConfig } from '../engine-config.ts';
import { defaultParamSpec } from '../param-specs.ts';
import { defaultTaskRef } from '../run-defaults.ts';
import { defaultTaskSpec, writtenTaskSpec } from '../task/defaults.ts';
import type { EmbeddedTask, Pipeline, PipelineSpec, PipelineTask } from './schema.ts';

export function defaultPipeline(pipeline: Pipeline, config: EngineConfig): Pipeline {
  return { ...pipeline, spec: defaultPipelineSpec(pipeline.spec, config) };
}

export function defaultPipelineSpec(spec: PipelineSpec, config: EngineConfig): PipelineSpec {
  return {
    ...mapTasks(spec, (task) => defaultPipelineTask(task, config)),
    ...(spec.params && { params: spec.params.map(defaultParamSpec) }),
  };
}

/** A child pipeline gets its defaults when it becomes a run, as upstream has it. */
function defaultPipelineTask(task: PipelineTask, config: EngineConfig): PipelineTask {
  return {
    ...task,
    ...(task.taskRef && { taskRef: defaultTaskRef(task.taskRef, config) }),
    ...(task.taskSpec && { taskSpec: writtenEmbedding(defaultTaskSpec(task.taskSpec, config)) }),
    ...(task.pipelineSpec && { pipelineSpec: mapTasks(task.pipelineSpec, writtenPipelineTask) }),
  };
}

function writtenPipelineTask(task: PipelineTask): PipelineTask {
  return {
    ...task,
    ...(task.taskSpec && { taskSpec: writtenEmbedding(writtenTaskSpec(task.taskSpec)) }),
    ...(task.pipelineSpec && { pipelineSpec: mapTasks(task.pipelineSpec, writtenPipelineTask) }),
  };
}

/** Written whether the author gave them or not, see `defaultTaskSpec`. */
function writtenEmbedding(task: EmbeddedTask): EmbeddedTask {
  const { metadata = {}, spec = null } = task;
  return { ...task, metadata, spec };
}

/** The descriptions of results are among what is always written. */
function mapTasks(spec: PipelineSpec, ofTask: (task: PipelineTask) => PipelineTask): PipelineSpec {
  const { tasks, finally: finalTasks, results } = spec;
  return {
    ...spec,
    ...(tasks && { tasks: tasks.map(ofTask) }),
    ...(finalTasks && { finally: finalTasks.map(ofTask) }),
    ...(results && { results: results.map((result) => ({ ...result, description: result.description ?? '' })) }),
  };
}
