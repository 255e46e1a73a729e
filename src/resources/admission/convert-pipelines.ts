import { isRaw, mapEach, mapField, mapRecord, type Raw, renameFields, takeField } from './convert-fields.ts';
import { annotated, TaskDeprecations } from './task-deprecations.ts';
import { type Shape, shapeOf } from './v1beta1-shapes.ts';

/**
 * `tekton.dev/v1beta1` to `v1`, field by field as upstream's conversion does. What it may not hold is told by `problemsOfV1beta1`.
 */
export function convertPipelineKind(kind: string, object: Raw): Raw {
  const deprecations = new TaskDeprecations();
  const [name] = takeField(recordIn(object, 'metadata'), 'name');
  const ownName = typeof name === 'string' ? name : '';
  const stripped = eachTaskSpec(kind, object, (task, spec) => deprecations.take(task ?? ownName, spec));
  const converted = deprecations.note(renamedBy(shapeOf(kind), keepOldStatus(stripped)));
  return { ...converted, apiVersion: 'tekton.dev/v1' };
}

function renamedBy(shape: Shape, record: Raw): Raw {
  let renamed = record;
  for (const [name, below] of Object.entries(shape.within ?? {})) {
    const change = (value: Raw): Raw => renamedBy(below, value);
    renamed = mapField(renamed, name, (value) => (Array.isArray(value) ? mapEach(change)(value) : mapRecord(change)(value)));
  }
  for (const [name, [into, as]] of Object.entries(shape.moved ?? {})) renamed = moveInto(renamed, name, into, as);
  // Told of already, and nothing where it is empty.
  for (const name of shape.refused ?? []) [, renamed] = takeField(renamed, name);
  if (shape.bundleOf !== undefined) renamed = convertBundle(renamed, shape.bundleOf);
  return shape.names === undefined ? renamed : renameFields(renamed, shape.names);
}

/** Every task's specification in the object; those of a pipeline come with their task's name. */
function eachTaskSpec(kind: string, object: Raw, change: (task: string | undefined, spec: Raw) => Raw): Raw {
  const ofObject = mapRecord((spec) => change(undefined, spec));
  const ofPipeline = mapRecord((pipeline) => {
    const ofTask = (task: Raw): Raw => {
      const [name] = takeField(task, 'name');
      const own = mapRecord((spec) => change(typeof name === 'string' ? name : '', spec));
      return mapField(mapField(task, 'taskSpec', own), 'pipelineSpec', ofPipeline);
    };
    return mapField(mapField(pipeline, 'tasks', mapEach(ofTask)), 'finally', mapEach(ofTask));
  });
  if (kind === 'Task') return mapField(object, 'spec', ofObject);
  if (kind === 'Pipeline') return mapField(object, 'spec', ofPipeline);
  const [field, of] = kind === 'TaskRun' ? (['taskSpec', ofObject] as const) : (['pipelineSpec', ofPipeline] as const);
  const inside = mapRecord((part) => mapField(part, field, of));
  return mapField(mapField(object, 'spec', inside), 'status', inside);
}

/** Of a status of the time of PipelineResources upstream keeps the first two as annotations, and lets the embedded statuses go. */
function keepOldStatus(object: Raw): Raw {
  const status = recordIn(object, 'status');
  const [cloudEvents, a] = takeField(status, 'cloudEvents');
  const [resourcesResult, b] = takeField(a, 'resourcesResult');
  const [, c] = takeField(b, 'taskRuns');
  const [, rest] = takeField(c, 'runs');
  if (rest === status) return object;
  let kept = mapField(object, 'status', () => rest);
  if (isPresent(cloudEvents)) kept = annotated(kept, 'tekton.dev/v1beta1CloudEvents', cloudEvents);
  if (isPresent(resourcesResult)) kept = annotated(kept, 'tekton.dev/v1beta1ResourcesResult', resourcesResult);
  return kept;
}

/** `bundle: x` of old references becomes the bundles resolver's params. */
function convertBundle(ref: Raw, kind: 'task' | 'pipeline'): Raw {
  const [bundle, rest] = takeField(ref, 'bundle');
  if (typeof bundle !== 'string' || bundle === '') return rest;
  const [name] = takeField(rest, 'name');
  const params = Object.entries({ bundle, name, kind }).map(([param, value]) => ({ name: param, value }));
  return { resolver: 'bundles', params };
}

/** Moves a field one level down, unless something is there already. */
function moveInto(record: Raw, field: string, target: string, name: string): Raw {
  const [value, rest] = takeField(record, field);
  if (!isPresent(value)) return rest;
  const [holder, others] = takeField(rest, target);
  return { ...others, [target]: { [name]: value, ...(isRaw(holder) && holder) } };
}

function recordIn(record: Raw, field: string): Raw {
  const [value] = takeField(record, field);
  return isRaw(value) ? value : {};
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
