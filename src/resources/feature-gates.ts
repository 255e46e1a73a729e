import type { EngineConfig } from './engine-config.ts';
import { type FieldError, fieldError } from './field-error.ts';

/** What upstream's `ValidateEnabledAPIFields` says when a feature's stability is above `enable-api-fields`. It tells no path. */
export function requireBeta(feature: string, config: EngineConfig): readonly FieldError[] {
  const current = config['enable-api-fields'];
  if (current === 'alpha' || current === 'beta') return [];
  return [fieldError(`${feature} requires "enable-api-fields" feature gate to be "alpha" or "beta" but it is "${current}"`)];
}

export function requireAlpha(feature: string, config: EngineConfig): readonly FieldError[] {
  const current = config['enable-api-fields'];
  if (current === 'alpha') return [];
  return [fieldError(`${feature} requires "enable-api-fields" feature gate to be "alpha" but it is "${current}"`)];
}
