import { load } from 'js-yaml';
import { kubernetesYaml } from '../../yaml/kubernetes-yaml.ts';
import { type Failure, invalidArgument, limitExceeded, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { method, type Overload } from '../functions.ts';
import { type Budget, spend } from '../limits.ts';
import type { CelValue } from '../values.ts';
import { objectOrFailure } from './json.ts';

function parseYaml(text: string, frame: Frame): Result {
  // The parser takes about 150 ns a character.
  const spent = spend(frame, 150 + text.length);
  if (spent) return spent;
  try {
    const parsed: unknown = text.trim() === '' ? null : load(text, { schema: kubernetesYaml });
    return checkShape(parsed, frame, 0) ?? objectOrFailure(parsed as CelValue, text, 'parseYAML');
  } catch (thrown) {
    const failing = spend(frame, 150);
    if (failing) return failing;
    return invalidArgument(`failed to decode '${text}' in parseYAML: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/**
 * Aliases make a document's tree exponentially larger than its text. Walking it here as a tree bounds what later walks can meet, and
 * finds what JSON cannot hold.
 */
function checkShape(value: unknown, budget: Budget, depth: number): Failure | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return invalidArgument(`json: unsupported value: ${value}`);
  const spent = spend(budget, 1);
  if (spent || typeof value !== 'object' || value === null) return spent;
  if (depth > budget.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${budget.limits.maxDataDepth}`);
  for (const child of Object.values(value)) {
    const failure = checkShape(child, budget, depth + 1);
    if (failure) return failure;
  }
  return undefined;
}

export const yamlFunctions: readonly Overload[] = [method('parseYAML', ['string'], 'map(string, dyn)', parseYaml)];
