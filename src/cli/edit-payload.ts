import { CliError, exitCodes } from './cli-error.ts';

/** Applies one `path=value` of `--set`: keys by dots, also indexes of lists; the value is JSON, or else text. What is not there is made. */
export function editPayload(payload: Record<string, unknown>, change: string): void {
  const equals = change.indexOf('=');
  if (equals < 1) throw new CliError(exitCodes.usage, `--set wants path=value, got "${change}"`);
  setAt(payload, change.slice(0, equals), jsonOrText(change.slice(equals + 1)));
}

/** Own keys only: a path may be called `__proto__`. */
export function setAt(payload: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: Record<string, unknown> = payload;
  for (const key of keys) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined;
    if (typeof next === 'object' && next !== null) at = next as Record<string, unknown>;
    else {
      const made: Record<string, unknown> = {};
      define(at, key, made);
      at = made;
    }
  }
  define(at, last, value);
}

function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
