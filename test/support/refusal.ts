import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import { renderFieldErrors } from '../../src/resources/field-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What admission says of an object, as upstream prints it; empty when it is let in. */
export function refusal(object: unknown, config: Partial<EngineConfig> = {}): string {
  const answer = admit(object, { ...defaultEngineConfig, ...config });
  return answer.ok ? '' : renderFieldErrors(answer.errors);
}

export function tekton(kind: string, spec: Fields, metadata: Fields = { name: 'x' }): Fields {
  const apiVersion = kind === 'StepAction' || kind === 'CustomRun' ? 'tekton.dev/v1beta1' : 'tekton.dev/v1';
  return { apiVersion, kind, metadata, spec };
}

/** A line that says which `enable-api-fields` a feature needs. It has no path. */
export function gate(feature: string, needs: 'alpha' | 'beta', is: string): string {
  const wanted = needs === 'alpha' ? '"alpha"' : '"alpha" or "beta"';
  return `${feature} requires "enable-api-fields" feature gate to be ${wanted} but it is "${is}": `;
}

export const lines = (...texts: readonly string[]): string => texts.join('\n');
