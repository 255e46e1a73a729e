import { shapeErrors } from '../admission/shape-errors.ts';
import { type FieldError, fieldError } from '../field-error.ts';
import { type TriggerTest, triggerTestSchema } from './schema.ts';

export type TriggerTestParse =
  | { readonly ok: true; readonly test: TriggerTest }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Checks a test as written, `name: matched` for `name: {verdict: matched}` among it. */
export function parseTriggerTest(raw: unknown): TriggerTestParse {
  const written = spelledOut(raw);
  const parsed = triggerTestSchema.safeParse(written);
  if (!parsed.success) return { ok: false, errors: shapeErrors(parsed.error, written) };
  const errors = contradictions(parsed.data);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, test: parsed.data };
}

function contradictions({ spec: { listener, schedule, event = {}, expect } }: TriggerTest): readonly FieldError[] {
  const subject =
    listener === undefined
      ? schedule === undefined
        ? 'expected exactly one, got neither'
        : ''
      : schedule === undefined
        ? ''
        : 'expected exactly one, got both';
  const whose = subject === '' ? [] : [fieldError(subject, ['spec.listener', 'spec.schedule'])];
  const sent = schedule === undefined ? [] : Object.keys(event).filter((field) => field !== 'id' && field !== 'set');
  const ofTick = sent.map((field) => fieldError('nobody sends the tick of a schedule', `spec.event.${field}`));
  const bodies = (['github', 'body', 'bodyFile'] as const).filter((field) => event[field] !== undefined);
  const more =
    bodies.length > 1
      ? [
          fieldError(
            'expected at most one',
            bodies.map((field) => `spec.event.${field}`),
          ),
        ]
      : [];
  const signed =
    event.unsigned === true && event.signWith !== undefined
      ? [fieldError('expected at most one', ['spec.event.unsigned', 'spec.event.signWith'])]
      : [];
  const refused =
    expect.refused !== undefined && expect.triggers !== undefined
      ? [fieldError('no trigger sees an event that is refused', ['spec.expect.triggers'])]
      : [];
  const nothing =
    expect.refused === undefined && expect.triggers === undefined && expect.others === undefined
      ? [fieldError('expected at least one of refused, triggers, others', ['spec.expect'])]
      : [];
  return [...whose, ...ofTick, ...more, ...signed, ...refused, ...nothing];
}

function spelledOut(raw: unknown): unknown {
  const spec = memberOf(raw, 'spec');
  const expect = memberOf(spec, 'expect');
  const triggers = memberOf(expect, 'triggers');
  if (!isFields(raw) || !isFields(spec) || !isFields(expect) || !isFields(triggers)) return raw;
  const spelled = Object.entries(triggers).map(([name, value]) => [name, typeof value === 'string' ? { verdict: value } : value]);
  return { ...raw, spec: { ...spec, expect: { ...expect, triggers: Object.fromEntries(spelled) } } };
}

function memberOf(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
