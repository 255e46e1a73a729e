import { isRaw, mapEach, mapField, mapRecord, type Raw, takeField } from './convert-fields.ts';

/** Fields of a container that v1beta1 steps could have, and v1 steps cannot. Upstream's order, which is the one they are written in. */
const deprecated = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'stdin',
  'stdinOnce',
  'tty',
] as const;

const annotation = 'tekton.dev/v1beta1.task-deprecations';

/**
 * What upstream does with fields of steps that v1 has no place for: they mean nothing any more, and are kept for whoever asks for v1beta1 again,
 * as JSON in one annotation, by the task's name. Follows tektoncd/pipeline pkg/apis/pipeline/v1beta1/task_conversion.go, `serializeTaskDeprecations`.
 */
export class TaskDeprecations {
  readonly #kept: Record<string, unknown> = {};

  /** The task's specification without them. */
  take(task: string, spec: Raw): Raw {
    const steps: Raw[] = [];
    let template: Raw | undefined;
    const stripped = mapField(
      mapField(
        spec,
        'steps',
        mapEach((step) => {
          const [found, rest] = takeAll(step, deprecated);
          // As Go writes a step: its name and its resources are there whatever they hold.
          steps.push({ name: '', resources: {}, ...found });
          return rest;
        }),
      ),
      'stepTemplate',
      mapRecord((one) => {
        const [found, rest] = takeAll(one, ['name', ...deprecated]);
        template = { ...found, resources: {} };
        return rest;
      }),
    );
    const some = steps.some((step) => Object.keys(step).length > 2) || (template !== undefined && Object.keys(template).length > 1);
    if (!some) return stripped;
    this.#kept[task] = {
      ...(steps.length > 0 && { deprecatedSteps: steps }),
      ...(template !== undefined && { deprecatedStepTemplate: template }),
    };
    return stripped;
  }

  /** The object with the annotation, if there is anything to keep. */
  note(object: Raw): Raw {
    return Object.keys(this.#kept).length === 0 ? object : annotated(object, annotation, this.#kept);
  }
}

/** The object with one more annotation that holds JSON. */
export function annotated(object: Raw, key: string, value: unknown): Raw {
  const [metadata] = takeField(object, 'metadata');
  if (!isRaw(metadata)) return object;
  const [annotations, others] = takeField(metadata, 'annotations');
  return { ...object, metadata: { ...others, annotations: { ...(isRaw(annotations) && annotations), [key]: JSON.stringify(value) } } };
}

/** Those fields that say something: Go leaves zero values out. */
function takeAll(record: Raw, fields: readonly string[]): readonly [found: Raw, rest: Raw] {
  const found: Record<string, unknown> = {};
  let rest = record;
  for (const field of fields) {
    const [value, others] = takeField(rest, field);
    rest = others;
    if (value !== undefined && value !== null && value !== false && value !== '') found[field] = value;
  }
  return [found, rest];
}
