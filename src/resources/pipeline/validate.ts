import { goQuote } from '../../expressions/variables/go-quote.ts';
import { textsOf } from '../../expressions/variables/result-reference.ts';
import type { EngineConfig } from '../engine-config.ts';
import { type FieldError, fieldError, invalidValue, oneOfMultiple, under, underEach } from '../field-error.ts';
import { validateFailFast } from '../run-annotations.ts';
import { graphError } from './graph-error.ts';
import type { Pipeline, PipelineSpec, PipelineTask } from './schema.ts';
import { validateMatrices } from './validate-matrix.ts';
import { validatePipelineTask } from './validate-pipeline-task.ts';
import { validatePipelineReferences } from './validate-references.ts';
import { validatePipelineParams, validatePipelineParamUsage } from './validate-usage.ts';

export function validatePipeline(pipeline: Pipeline, config: EngineConfig): readonly FieldError[] {
  const { spec } = pipeline;
  return [
    ...validateFailFast(pipeline.metadata.annotations),
    ...under('spec', [...validatePipelineSpec(spec, config), ...validatePipelineParamUsage(spec), ...validateTaskWorkspaces(spec)]),
  ];
}

/**
 * Everything 2.7 asks of a pipeline, embedded or not, but that its params and workspaces are declared: those of an embedded one may come
 * from its run. Also called by the engine on the resolved spec. Paths are relative to the spec.
 */
export function validatePipelineSpec(spec: PipelineSpec, config: EngineConfig): readonly FieldError[] {
  const { tasks = [], finally: finals = [] } = spec;
  const validateTask = (task: PipelineTask): readonly FieldError[] =>
    validatePipelineTask(task, config, (nested) => validatePipelineSpec(nested, config));
  const error = graphError(tasks);
  return [
    ...(isEmpty(spec) ? [nothingThere] : []),
    ...validateUniqueNames(tasks, finals),
    ...underEach('tasks', tasks, validateTask),
    ...underEach('finally', finals, validateTask),
    ...(error === undefined ? [] : [invalidValue(error.message, 'tasks', error.circle)]),
    // Upstream looks at the declarations once for each list of tasks and reports what is wrong under both.
    ...under('tasks', validatePipelineParams(tasks, spec.params, config)),
    ...under('finally', validatePipelineParams(finals, spec.params, config)),
    ...under('tasks', validateMatrices(tasks, config)),
    ...under('finally', validateMatrices(finals, config)),
    ...validateArtifacts(tasks, finals, config),
    ...validateWorkspaces(spec),
    ...validatePipelineReferences(spec),
    ...(tasks.length === 0 && finals.length > 0
      ? [invalidValue(`spec.tasks is empty but spec.finally has ${finals.length} tasks`, 'finally')]
      : []),
  ];
}

const nothingThere = fieldError('expected at least one, got none', ['description', 'params', 'resources', 'tasks', 'workspaces']);

function isEmpty({
  description = '',
  params = [],
  tasks = [],
  workspaces = [],
  finally: finals = [],
  results = [],
  displayName = '',
}: PipelineSpec): boolean {
  return description === '' && displayName === '' && [params, tasks, workspaces, finals, results].every((list) => list.length === 0);
}

function validateUniqueNames(tasks: readonly PipelineTask[], finals: readonly PipelineTask[]): readonly FieldError[] {
  const seen = new Set<string>();
  const check = ({ name }: PipelineTask): readonly FieldError[] => {
    if (seen.has(name)) return [oneOfMultiple('name')];
    seen.add(name);
    return [];
  };
  return [...underEach('tasks', tasks, check), ...underEach('finally', finals, check)];
}

const taskArtifactUsage = /\$\(tasks\.[^.\n]+\.(?:inputs|outputs)\.[^.)\n]+\)/;

/** The first task whose params speak of another's artifacts, while there are none. */
function validateArtifacts(tasks: readonly PipelineTask[], finals: readonly PipelineTask[], config: EngineConfig): readonly FieldError[] {
  if (config['enable-artifacts']) return [];
  const speaks = ({ params = [] }: PipelineTask): boolean =>
    params.flatMap(({ value }) => textsOf(value)).some((text) => taskArtifactUsage.test(text));
  for (const [field, list] of [['tasks', tasks] as const, ['finally', finals] as const]) {
    const index = list.findIndex(speaks);
    const message = 'feature flag enable-artifacts should be set to true to use artifacts feature.';
    if (index >= 0) return [fieldError(message, `${field}[${index}].params`)];
  }
  return [];
}

function validateWorkspaces(spec: PipelineSpec): readonly FieldError[] {
  const seen = new Set<string>();
  return underEach('workspaces', spec.workspaces, ({ name }, index) => {
    const errors: FieldError[] = [];
    if (name === '') errors.push(invalidValue(`workspace ${index} has empty name`, ''));
    if (seen.has(name)) errors.push(invalidValue(`workspace with name ${goQuote(name)} appears more than once`, ''));
    seen.add(name);
    return errors;
  });
}

function validateTaskWorkspaces(spec: PipelineSpec): readonly FieldError[] {
  const declared = new Set(spec.workspaces?.map((workspace) => workspace.name));
  const check = (task: PipelineTask): readonly FieldError[] => {
    const seen = new Set<string>();
    return underEach('workspaces', task.workspaces, (binding) => {
      const errors: FieldError[] = [];
      if (seen.has(binding.name)) errors.push(fieldError(`workspace name ${goQuote(binding.name)} must be unique`, ''));
      seen.add(binding.name);
      const wanted = (binding.workspace ?? '') === '' ? binding.name : (binding.workspace ?? '');
      if (!declared.has(wanted)) {
        const message = `pipeline task ${goQuote(task.name)} expects workspace with name ${goQuote(wanted)} but none exists in pipeline spec`;
        errors.push(invalidValue(message, ''));
      }
      return errors;
    });
  };
  return [...underEach('tasks', spec.tasks, check), ...underEach('finally', spec.finally, check)];
}
