import { mapEach, mapField, mapRecord, type Raw, renameFields, takeField } from './convert-fields.ts';

/**
 * `tekton.dev/v1beta1` to `v1`, field by field as upstream's conversion does (reference/pipelines.md A.1). What v1 has no place for
 * (PipelineResources) is left where it is and refused there as an unknown field.
 */
export function convertPipelineKind(kind: string, object: Raw): Raw {
  const converted = { ...object, apiVersion: 'tekton.dev/v1' };
  switch (kind) {
    case 'Task':
      return mapField(converted, 'spec', mapRecord(convertTaskSpec));
    case 'Pipeline':
      return mapField(converted, 'spec', mapRecord(convertPipelineSpec));
    case 'TaskRun':
      return mapField(
        mapField(converted, 'spec', mapRecord(convertTaskRunSpec)),
        'status',
        mapRecord((status) => renameFields(mapField(status, 'taskSpec', mapRecord(convertTaskSpec)), { taskResults: 'results' })),
      );
    default:
      return mapField(
        mapField(converted, 'spec', mapRecord(convertPipelineRunSpec)),
        'status',
        mapRecord((status) =>
          renameFields(mapField(status, 'pipelineSpec', mapRecord(convertPipelineSpec)), { pipelineResults: 'results' }),
        ),
      );
  }
}

const containerNames = { resources: 'computeResources' };
const convertContainer = (container: Raw): Raw => renameFields(container, containerNames);

function convertTaskSpec(spec: Raw): Raw {
  let converted = mapField(spec, 'steps', mapEach(convertContainer));
  converted = mapField(converted, 'sidecars', mapEach(convertContainer));
  return mapField(converted, 'stepTemplate', mapRecord(convertContainer));
}

function convertPipelineSpec(spec: Raw): Raw {
  return mapField(mapField(spec, 'tasks', mapEach(convertPipelineTask)), 'finally', mapEach(convertPipelineTask));
}

function convertPipelineTask(task: Raw): Raw {
  return mapField(mapField(task, 'taskSpec', mapRecord(convertTaskSpec)), 'taskRef', mapRecord(convertBundle('task')));
}

function convertTaskRunSpec(spec: Raw): Raw {
  let converted = mapField(spec, 'taskSpec', mapRecord(convertTaskSpec));
  converted = mapField(converted, 'taskRef', mapRecord(convertBundle('task')));
  converted = mapField(converted, 'stepOverrides', mapEach(convertContainer));
  converted = mapField(converted, 'sidecarOverrides', mapEach(convertContainer));
  return renameFields(converted, { stepOverrides: 'stepSpecs', sidecarOverrides: 'sidecarSpecs' });
}

function convertPipelineRunSpec(spec: Raw): Raw {
  let converted = mapField(spec, 'pipelineSpec', mapRecord(convertPipelineSpec));
  converted = mapField(converted, 'pipelineRef', mapRecord(convertBundle('pipeline')));
  converted = mapField(converted, 'taskRunSpecs', mapEach(convertOwnSpec));
  converted = moveInto(converted, 'timeout', 'timeouts', 'pipeline');
  converted = moveInto(converted, 'serviceAccountName', 'taskRunTemplate', 'serviceAccountName');
  return moveInto(converted, 'podTemplate', 'taskRunTemplate', 'podTemplate');
}

function convertOwnSpec(spec: Raw): Raw {
  const overrides = mapField(mapField(spec, 'stepOverrides', mapEach(convertContainer)), 'sidecarOverrides', mapEach(convertContainer));
  return renameFields(overrides, {
    taskServiceAccountName: 'serviceAccountName',
    taskPodTemplate: 'podTemplate',
    stepOverrides: 'stepSpecs',
    sidecarOverrides: 'sidecarSpecs',
  });
}

/** `bundle: x` of old references becomes the bundles resolver's params. */
function convertBundle(kind: 'task' | 'pipeline'): (ref: Raw) => Raw {
  return (ref) => {
    const [bundle, rest] = takeField(ref, 'bundle');
    if (typeof bundle !== 'string' || bundle === '') return rest;
    const [name] = takeField(rest, 'name');
    const params = Object.entries({ bundle, name, kind }).map(([param, value]) => ({ name: param, value }));
    return { resolver: 'bundles', params };
  };
}

/** Moves a field one level down, unless something is there already. */
function moveInto(record: Raw, field: string, target: string, name: string): Raw {
  const [value, rest] = takeField(record, field);
  if (value === undefined || value === null) return rest;
  const [holder, others] = takeField(rest, target);
  const inner = typeof holder === 'object' && holder !== null ? holder : {};
  return { ...others, [target]: { [name]: value, ...inner } };
}
