import { replaceList } from '../../expressions/variables/replace-list.ts';
import { replaceParamValue } from '../../expressions/variables/replace-param-value.ts';
import { replaceString } from '../../expressions/variables/replace-string.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import type { EnvFromSource, EnvVar, VolumeMount } from '../core/pod-fields.ts';
import { replaceInWhen } from './replace-when.ts';
import type { Sidecar, Step, StepTemplate } from './schema.ts';

/** The fields in which steps, step templates and sidecars are alike. */
interface Container {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly imagePullPolicy?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly env?: readonly EnvVar[] | undefined;
  readonly envFrom?: readonly EnvFromSource[] | undefined;
  readonly volumeMounts?: readonly VolumeMount[] | undefined;
}

export function replaceInStep(step: Step, r: Replacements): Step {
  return {
    ...replaceInContainer(step, r),
    ...texts(step, ['script', 'onError'], r),
    ...(step.stdoutConfig && { stdoutConfig: { ...step.stdoutConfig, ...texts(step.stdoutConfig, ['path'], r) } }),
    ...(step.stderrConfig && { stderrConfig: { ...step.stderrConfig, ...texts(step.stderrConfig, ['path'], r) } }),
    ...(step.when && { when: step.when.map((expression) => replaceInWhen(expression, r)) }),
    ...(step.params && { params: step.params.map((param) => ({ ...param, value: replaceParamValue(param.value, r) })) }),
  };
}

export function replaceInStepTemplate(template: StepTemplate, r: Replacements): StepTemplate {
  return replaceInContainer(template, r);
}

export function replaceInSidecar(sidecar: Sidecar, r: Replacements): Sidecar {
  return { ...replaceInContainer(sidecar, r), ...texts(sidecar, ['script'], r) };
}

/** An element of `command` or `args` that is exactly one array variable becomes the array's elements, none included. */
export function replaceInContainer<T extends Container>(container: T, r: Replacements): T {
  return {
    ...container,
    ...texts(container, ['name', 'image', 'imagePullPolicy', 'workingDir'], r),
    ...(container.command && { command: replaceList(container.command, r) }),
    ...(container.args && { args: replaceList(container.args, r) }),
    ...(container.env && { env: container.env.map((variable) => replaceInEnv(variable, r)) }),
    ...(container.envFrom && { envFrom: container.envFrom.map((source) => replaceInEnvFrom(source, r)) }),
    ...(container.volumeMounts && {
      volumeMounts: container.volumeMounts.map((mount) => ({ ...mount, ...texts(mount, ['name', 'mountPath', 'subPath'], r) })),
    }),
  };
}

/** The variable's name is never replaced, nor are references to fields and resources. */
function replaceInEnv(variable: EnvVar, r: Replacements): EnvVar {
  const from = variable.valueFrom;
  return {
    ...variable,
    ...texts(variable, ['value'], r),
    ...(from && {
      valueFrom: {
        ...from,
        ...(from.secretKeyRef && { secretKeyRef: { ...from.secretKeyRef, ...texts(from.secretKeyRef, ['name', 'key'], r) } }),
        ...(from.configMapKeyRef && { configMapKeyRef: { ...from.configMapKeyRef, ...texts(from.configMapKeyRef, ['name', 'key'], r) } }),
      },
    }),
  };
}

function replaceInEnvFrom(source: EnvFromSource, r: Replacements): EnvFromSource {
  return {
    ...source,
    ...texts(source, ['prefix'], r),
    ...(source.configMapRef && { configMapRef: { ...source.configMapRef, ...texts(source.configMapRef, ['name'], r) } }),
    ...(source.secretRef && { secretRef: { ...source.secretRef, ...texts(source.secretRef, ['name'], r) } }),
  };
}

/** Those of the named fields that hold text, replaced. Absent fields stay absent. */
export function texts<T extends object, K extends keyof T>(object: T, fields: readonly K[], r: Replacements): Partial<Pick<T, K>> {
  const replaced: Partial<Pick<T, K>> = {};
  for (const field of fields) {
    const text = object[field];
    if (typeof text === 'string') replaced[field] = replaceString(text, r) as T[K];
  }
  return replaced;
}
