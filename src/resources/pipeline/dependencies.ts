import { findResultReferences, textsOf } from '../../expressions/variables/result-reference.ts';
import type { EnvVar } from '../core/pod-fields.ts';
import type { PipelineTask } from './schema.ts';

/**
 * Names of the tasks that must come before this one: `runAfter`, and every task whose results it uses in params, matrix, when or in the
 * steps and sidecars of its embedded spec. Each once, in order of appearance. Status variables, display name, workspaces and the
 * reference to the task make no edge, as upstream (PipelineTask.Deps).
 */
export function pipelineTaskDependencies(task: PipelineTask): string[] {
  const names = new Set(task.runAfter);
  for (const text of dependencyTexts(task)) {
    if (!text.includes('$(')) continue;
    for (const reference of findResultReferences(text)) names.add(reference.task);
  }
  return [...names];
}

/** Every text of a pipeline task in which a result reference is a dependency. */
export function dependencyTexts(task: PipelineTask): readonly string[] {
  return [...ownTexts(task), ...embeddedTexts(task)];
}

/** Those outside an embedded spec. */
export function ownTexts(task: PipelineTask): readonly string[] {
  const { params = [], matrix, when = [] } = task;
  const included = (matrix?.include ?? []).flatMap((include) => include.params ?? []);
  return [
    ...[...params, ...(matrix?.params ?? []), ...included].flatMap((param) => textsOf(param.value)),
    ...when.flatMap(({ input = '', values = [], cel = '' }) => [input, ...values, cel]),
  ];
}

function embeddedTexts(task: PipelineTask): readonly string[] {
  const containers = [...(task.taskSpec?.steps ?? []), ...(task.taskSpec?.sidecars ?? [])];
  return containers.flatMap(
    ({ name = '', image = '', imagePullPolicy = '', script = '', workingDir = '', command = [], args = [], env = [] }) => [
      name,
      image,
      imagePullPolicy,
      script,
      workingDir,
      ...command,
      ...args,
      ...env.flatMap(envTexts),
    ],
  );
}

function envTexts({ value = '', valueFrom }: EnvVar): readonly string[] {
  const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom ?? {};
  return [value, secret?.name ?? '', secret?.key ?? '', configMap?.name ?? '', configMap?.key ?? ''];
}
