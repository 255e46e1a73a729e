import { goQuote } from '../../expressions/variables/go-quote.ts';
import { unknownVariable } from '../../expressions/variables/reference-rules.ts';
import { parseDuration } from '../duration.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireAlpha } from '../feature-gates.ts';
import { type FieldError, fieldError, invalidValue, missingField, oneOfMultiple, underEach } from '../field-error.ts';
import { isDnsLabel } from '../names.ts';
import { validateReference } from '../validate-reference.ts';
import { validateWhenExpressions } from '../validate-when.ts';
import type { Step } from './schema.ts';

/** One step, after its template was merged in. Paths are relative to the step. */
export function validateStep(step: Step, config: EngineConfig): readonly FieldError[] {
  return [...validateOwnFields(step, config), ...validateResultPaths(step), ...validateWhenExpressions(step.when, config)];
}

/** Some mistakes keep upstream from looking at the others. */
function validateOwnFields(step: Step, config: EngineConfig): readonly FieldError[] {
  const first = validateArtifactUsage(step, config);
  if (first.length > 0) return first;
  const negative = validateTimeout(step.timeout);
  if (negative.length > 0) return negative;
  return [
    ...(step.ref === undefined ? validateInlineStep(step) : validateStepReference(step, config)),
    ...validateName(step.name),
    ...underEach('volumeMounts', step.volumeMounts, validateMount),
    ...validateOnError(step.onError),
    ...(step.script?.trimStart().startsWith('#!win') ? requireAlpha('windows script support', config) : []),
    ...(step.stdoutConfig === undefined ? [] : requireAlpha('step stdout stream support', config)),
    ...(step.stderrConfig === undefined ? [] : requireAlpha('step stderr stream support', config)),
    ...validateRunTimeReferences(step),
  ];
}

/** `$(step.results.x.path)` in the script of a step that declares results. */
function validateResultPaths({ results, script = '' }: Step): readonly FieldError[] {
  const message = results && unknownVariable(script, 'step.results', new Set(results.map(({ name }) => name)));
  return message === undefined ? [] : [fieldError(message, 'script')];
}

function validateStepReference(step: Step, config: EngineConfig): readonly FieldError[] {
  // Upstream leaves out that these lie in `ref`.
  const errors: FieldError[] = [...validateReference(step.ref ?? {}, config)];
  const refuse = (given: boolean, word: string, path: string = word): void => {
    if (given) errors.push(fieldError(`${word} cannot be used with Ref`, path));
  };
  refuse((step.image ?? '') !== '', 'image');
  refuse((step.command ?? []).length > 0, 'command');
  refuse((step.args ?? []).length > 0, 'args');
  refuse((step.script ?? '') !== '', 'script');
  refuse((step.workingDir ?? '') !== '', 'working dir', 'workingDir');
  refuse(step.env !== undefined, 'env');
  refuse((step.volumeMounts ?? []).length > 0, 'volumeMounts');
  refuse((step.results ?? []).length > 0, 'results');
  return errors;
}

function validateInlineStep(step: Step): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((step.params ?? []).length > 0) errors.push(fieldError('params cannot be used without Ref', 'params'));
  if ((step.image ?? '') === '') errors.push(missingField('Image'));
  if ((step.script ?? '') !== '' && (step.command ?? []).length > 0) errors.push(scriptWithCommand);
  return errors;
}

export const scriptWithCommand: FieldError = fieldError('script cannot be used with command', 'script');

function validateName(name: string | undefined): readonly FieldError[] {
  if (name === undefined || name === '' || isDnsLabel(name)) return [];
  return [
    fieldError(
      `invalid value ${goQuote(name)}`,
      'name',
      'Task step name must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
    ),
  ];
}

function validateTimeout(timeout: string | undefined): readonly FieldError[] {
  if (timeout === undefined || (parseDuration(timeout) ?? 0) >= 0) return [];
  return [invalidValue(timeout, 'negative timeout')];
}

function validateMount(mount: { readonly name: string; readonly mountPath: string }): readonly FieldError[] {
  const errors: FieldError[] = [];
  const path = cleanPath(mount.mountPath);
  if (path.startsWith('/tekton/') && !path.startsWith('/tekton/home')) {
    const message = `volumeMount cannot be mounted under /tekton/ (volumeMount ${goQuote(mount.name)} mounted at ${goQuote(mount.mountPath)})`;
    errors.push(fieldError(message, 'mountPath'));
  }
  if (mount.name.startsWith('tekton-internal-')) {
    errors.push(fieldError(`volumeMount name ${goQuote(mount.name)} cannot start with "tekton-internal-"`, 'name'));
  }
  return errors;
}

function validateOnError(onError: string | undefined): readonly FieldError[] {
  if (onError === undefined || onError === '' || onError.startsWith('$(params')) return [];
  if (onError === 'continue' || onError === 'stopAndFail') return [];
  return [fieldError(`invalid value: "${onError}"`, 'onError', 'Task step onError must be either "continue" or "stopAndFail"')];
}

/** Steps of one task may not share a name. */
export function validateUniqueNames(steps: readonly Step[]): readonly FieldError[] {
  const seen = new Set<string>();
  return underEach('steps', steps, ({ name }) => {
    if (name === undefined || name === '') return [];
    if (seen.has(name)) return [oneOfMultiple('name')];
    seen.add(name);
    return [];
  });
}

const stepResultUsage = /\$\(steps\.[^\n)]*?\.results\.[^\n]*?\)/;
const stepArtifactUsage = /\$\(steps\.[^.\n]+\.(?:inputs|outputs)\.[^.)\n]+\)/;
const taskArtifactUsage = /\$\(tasks\.[^.\n]+\.(?:inputs|outputs)\.[^.)\n]+\)/;

/** What earlier steps produce is known only when the step starts, and replaced only in env, command and args (artifacts also in script). */
function validateRunTimeReferences(step: Step): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, text] of fixedTexts(step)) {
    if (!text.includes('$(steps.')) continue;
    if (stepResultUsage.test(text)) {
      errors.push(fieldError('stepResult substitutions are only allowed in env, command and args. Found usage in', field));
    }
    if (field !== 'script' && stepArtifactUsage.test(text)) {
      errors.push(fieldError('stepArtifact substitutions are only allowed in env, command, args and script. Found usage in', field));
    }
  }
  return errors;
}

function fixedTexts(step: Step): readonly (readonly [field: string, text: string])[] {
  const texts: [string, string | undefined][] = [
    ['name', step.name],
    ['image', step.image],
    ['script', step.script],
    ['imagePullPolicy', step.imagePullPolicy],
    ['workingDir', step.workingDir],
  ];
  for (const source of step.envFrom ?? []) {
    texts.push(
      ['envFrom.prefix', source.prefix],
      ['envFrom.configMapRef', source.configMapRef?.name],
      ['envFrom.secretRef', source.secretRef?.name],
    );
  }
  for (const mount of step.volumeMounts ?? []) {
    texts.push(['volumeMounts.name', mount.name], ['volumeMounts.mountPath', mount.mountPath], ['volumeMounts.subPath', mount.subPath]);
  }
  for (const device of step.volumeDevices ?? []) {
    texts.push(['volumeDevices.name', device.name], ['volumeDevices.devicePath', device.devicePath]);
  }
  return texts.flatMap(([field, text]) => (text === undefined ? [] : [[field, text] as const]));
}

function validateArtifactUsage(step: Step, config: EngineConfig): readonly FieldError[] {
  if (config['enable-artifacts']) return [];
  const texts = [step.script ?? '', ...(step.command ?? []), ...(step.args ?? []), ...(step.env ?? []).map((entry) => entry.value ?? '')];
  if (!texts.some(usesArtifacts)) return [];
  return [fieldError('feature flag enable-artifacts should be set to true to use artifacts feature.', '')];
}

function usesArtifacts(text: string): boolean {
  if (!text.includes('$(')) return false;
  if (text.includes('$(step.artifacts.path)') || text.includes('$(artifacts.path)')) return true;
  return stepArtifactUsage.test(text) || taskArtifactUsage.test(text);
}

/** Go's `path.Clean`. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push(part);
  }
  const joined = kept.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}
