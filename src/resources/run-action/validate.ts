import { parseDuration } from '../duration.ts';
import { disallowedField, type FieldError, fieldError, invalidValue, missingField, under } from '../field-error.ts';
import { sameValue } from '../same-value.ts';
import { validateLabelSelector } from '../validate-label-selector.ts';
import type { RunAction } from './schema.ts';

/** Characters. */
const longestReason = 1_000;

export function validateRunAction({ spec }: RunAction): readonly FieldError[] {
  const { action, kinds = ['PipelineRun'], selector, only, reason = '', ttl = '0s' } = spec;
  const errors: FieldError[] = [];
  if (kinds.length === 0) errors.push(missingField('kinds'));
  const finallyOfTaskRuns = (action === 'CancelRunFinally' || action === 'StoppedRunFinally') && kinds.includes('TaskRun');
  if (finallyOfTaskRuns) errors.push(invalidValue(action, 'action', 'a TaskRun has no finally: use Cancel, or kinds: [PipelineRun]'));
  if (action !== 'Rerun' && only !== undefined) errors.push(disallowedField('only'));
  if (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0) {
    errors.push(fieldError('missing field(s)', ['selector.matchExpressions', 'selector.matchLabels'], 'say which runs are meant'));
  }
  if (reason.length > longestReason)
    errors.push(invalidValue(`${reason.length} characters`, 'reason', `expected at most ${longestReason}`));
  if ((parseDuration(ttl) ?? -1) < 0) errors.push(invalidValue(ttl, 'ttl', 'expected 0s or longer'));
  return under('spec', [...errors, ...under('selector', validateLabelSelector(selector))]);
}

/** What is done already would not become another thing. */
export function validateRunActionUpdate(before: RunAction, after: RunAction): readonly FieldError[] {
  if (sameValue({ ...before.spec, ttl: after.spec.ttl }, after.spec)) return [];
  return [fieldError('invalid value: a RunAction acts once, only its ttl may be changed', 'spec', 'create another RunAction instead')];
}
