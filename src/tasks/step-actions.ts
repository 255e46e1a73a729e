import { goQuote } from '../expressions/variables/go-quote.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceParamValue } from '../expressions/variables/replace-param-value.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { registerString, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { Param, ParamSpec } from '../resources/params.ts';
import { referenceKey } from '../resources/references.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { RefSource } from '../resources/status.ts';
import type { StepAction, StepActionSpec } from '../resources/step-action/schema.ts';
import { replaceInStep } from '../resources/task/replace-container.ts';
import type { Step, TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { overlaid, refersToParam, registered, taskParamReplacements } from './run-params.ts';

export type InlinedSteps =
  /** `sources`: by the step's place, where a resolver had its StepAction from. */
  | { readonly type: 'inlined'; readonly spec: TaskSpec; readonly sources: ReadonlyMap<number, RefSource> }
  | { readonly type: 'pending' }
  /** `message` is the condition's. `invalid`: what a resolver fetched would be refused if it were applied. */
  | { readonly type: 'failed' | 'invalid'; readonly message: string };

/**
 * A task whose steps no longer refer to StepActions: each such step has the StepAction's container fields with its params replaced.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/resources/taskspec.go, `GetStepActionsData`.
 */
export function inlineStepActions(spec: TaskSpec, taskRun: TaskRun, actions: ReadonlyMap<string, Resolved<StepAction>>): InlinedSteps {
  const sources = new Map<number, RefSource>();
  if (!spec.steps?.some((step) => step.ref !== undefined)) return { type: 'inlined', spec, sources };
  const steps: Step[] = [];
  const fromTask = taskParamReplacements(spec.params ?? [], taskRun.spec.params ?? []);
  let pending = false;
  for (const [index, step] of spec.steps.entries()) {
    if (step.ref === undefined) {
      steps.push(step);
      continue;
    }
    const resolved = actions.get(referenceKey(step.ref)) ?? { type: 'pending' };
    if (resolved.type === 'pending') {
      // What is wrong with a later one is not waited for.
      pending = true;
      continue;
    }
    const inlined = resolved.type === 'found' ? inlineStepAction(step, resolved.object.spec, fromTask) : refused(resolved.message);
    if (!inlined.ok) {
      return {
        type: resolved.type === 'invalid' ? 'invalid' : 'failed',
        message: `failed to resolve step ref for step ${goQuote(step.name ?? '')} (index ${index}): ${inlined.message}`,
      };
    }
    if (resolved.type === 'found' && resolved.refSource !== undefined) sources.set(index, resolved.refSource);
    steps.push(inlined.step);
  }
  return pending ? { type: 'pending' } : { type: 'inlined', spec: { ...spec, steps }, sources };
}

type InlinedStep = { readonly ok: true; readonly step: Step } | { readonly ok: false; readonly message: string };

function inlineStepAction(step: Step, action: StepActionSpec, fromTask: Replacements): InlinedStep {
  const passed = (step.params ?? []).map((param): Param => ({ ...param, value: replaceParamValue(param.value, fromTask) }));
  const replacements = stepActionReplacements(action, passed);
  if (!replacements.ok) return replacements;

  const { params: _params, description: _description, ...container } = action;
  const from = replaceInStep(container, replacements.replacements);
  // Image, security context and working directory are the StepAction's even where it has none.
  const { ref: _ref, params: _passed, image: _image, securityContext: _context, workingDir: _directory, ...own } = step;
  return {
    ok: true,
    step: {
      ...own,
      ...(from.image !== undefined && { image: from.image }),
      ...(from.securityContext !== undefined && { securityContext: from.securityContext }),
      ...(from.workingDir !== undefined && { workingDir: from.workingDir }),
      ...(from.command?.length && { command: from.command }),
      ...(from.args?.length && { args: from.args }),
      ...(from.script && { script: from.script }),
      ...(from.env?.length && { env: from.env }),
      ...(from.volumeMounts?.length && { volumeMounts: from.volumeMounts }),
      ...(from.results?.length && { results: from.results }),
    },
  };
}

type StepActionReplacements = { readonly ok: true; readonly replacements: Replacements } | { readonly ok: false; readonly message: string };

function stepActionReplacements(action: StepActionSpec, passed: readonly Param[]): StepActionReplacements {
  const specs = action.params ?? [];
  const declared = new Map(specs.map((spec) => [spec.name, spec]));
  const extra = passed.filter(({ name }) => !declared.has(name)).map(({ name }) => name);
  if (extra.length > 0) return refused(`extra params passed by Step to StepAction: [${extra.join(' ')}]`);
  const names = new Set(passed.map(({ name }) => name));
  const missing = specs.filter((spec) => spec.default === undefined && !names.has(spec.name)).map(({ name }) => name);
  if (missing.length > 0) return refused(`non-existent params in Step: [${missing.join(' ')}]`);

  const values = new Map<string, ParamValue>();
  for (const { name, value } of passed) {
    const fallback = declared.get(name)?.default;
    // Also of a step's result that will be a list: it is text until it is there.
    if (Array.isArray(fallback) !== Array.isArray(value) && fallback !== undefined) {
      return refused(`invalid parameter substitution: ${name}. Please check the types of the default value and the passed value`);
    }
    values.set(name, overlaid(fallback, value));
  }
  const defaults = resolveDefaults(specs, values);
  if (!defaults.ok) return defaults;

  const fallbacks = specs.flatMap((spec): [string, ParamValue][] => (spec.default === undefined ? [] : [[spec.name, spec.default]]));
  const replacements = registered([...fallbacks, ...defaults.values]);
  for (const { name, value } of passed) {
    const spec = declared.get(name);
    if (spec === undefined || typeof value !== 'string') continue;
    for (const [key, reference] of stepResultReplacements(action, spec, value)) registerString(replacements, key, reference);
  }
  return { ok: true, replacements: replacementsBuilder(replacements) };
}

type Defaults = { readonly ok: true; readonly values: ReadonlyMap<string, ParamValue> } | { readonly ok: false; readonly message: string };

/** Defaults that refer to other params of the StepAction, resolved round by round until none is left. */
function resolveDefaults(specs: readonly ParamSpec[], passed: ReadonlyMap<string, ParamValue>): Defaults {
  const values = new Map(passed);
  const names = new Set(specs.map(({ name }) => name));
  let waiting = specs.flatMap(({ name, default: value }) => (value === undefined || values.has(name) ? [] : [{ name, value }]));
  while (waiting.length > 0) {
    const blocked: typeof waiting = [];
    for (const entry of waiting) {
      const referred = referredParams(entry.value);
      const unknown = referred.find((name) => !names.has(name));
      if (unknown !== undefined) {
        return refused(`parameter ${goQuote(entry.name)} references non-existent parameter ${goQuote(unknown)}`);
      }
      if (referred.every((name) => values.has(name))) values.set(entry.name, replaceParamValue(entry.value, registered(values)));
      else blocked.push(entry);
    }
    if (blocked.length === waiting.length) return refused('circular dependency detected in parameter references');
    waiting = blocked;
  }
  return { ok: true, values };
}

function referredParams(value: ParamValue): readonly string[] {
  if (!refersToParam(value)) return [];
  const texts: readonly string[] = typeof value === 'string' ? [value] : Object.values(value);
  return texts.flatMap((text) => [...text.matchAll(/\$\(params\.([^.)[\]]+)/g)].map(([, name = '']) => name));
}

const stepResult = /^\$\((steps\.[^.()]+\.results\.[^.()[\]]+)(?:\[\*\])?\)$/;

/**
 * A param whose value is a step's result is not known yet: references to its parts become references to the result's parts, which are replaced
 * when the step starts.
 */
function stepResultReplacements(action: StepActionSpec, spec: ParamSpec, value: string): readonly [string, string][] {
  const result = stepResult.exec(value)?.[1];
  if (result === undefined) return [];
  if (spec.type === 'object') {
    return Object.keys(spec.properties ?? {}).map((key) => [`params.${spec.name}.${key}`, `$(${result}.${key})`]);
  }
  if (spec.type !== 'array') return [];
  const spellings = [`params.${spec.name}`, `params["${spec.name}"]`, `params['${spec.name}']`, `inputs.params.${spec.name}`];
  const texts = [...(action.command ?? []), ...(action.args ?? []), ...(action.env ?? []).map((variable) => variable.value ?? '')];
  const indexes = new Set(texts.flatMap((text) => [...text.matchAll(/\[([0-9]+|\*)\]\)/g)].map(([, index = '']) => index)));
  return spellings.flatMap((spelling) =>
    [...indexes].map((index): [string, string] => [`${spelling}[${index}]`, `$(${result}[${index}])`]),
  );
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
