import { boolYaml11Tag, defineScalarTag, FAILSAFE_SCHEMA, floatCoreTag, load, mergeTag, NOT_RESOLVED, nullYaml11Tag } from 'js-yaml';
import { type Failure, invalidArgument, limitExceeded, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { method, type Overload } from '../functions.ts';
import { type Budget, spend } from '../limits.ts';
import type { CelValue } from '../values.ts';
import { objectOrFailure } from './json.ts';

const INTEGER = /^([-+]?)(?:0b([01_]+)|0x([0-9a-fA-F_]+)|0o([0-7_]+)|(0[0-7_]+)|([0-9][0-9_]*))$/;

/** Go's integers: `0o14` and `014` are octal, underscores are allowed; base 60 is not read, unlike YAML 1.1 says. */
const goInteger = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: ['-', '+', ...'0123456789'],
  resolve: (source: string) => {
    const match = INTEGER.exec(source);
    if (!match) return NOT_RESOLVED;
    const [, sign, binary, hexadecimal, octal, oldOctal, decimal] = match;
    const plain = (digits: string) => digits.replaceAll('_', '');
    const magnitude =
      binary !== undefined
        ? Number.parseInt(plain(binary), 2)
        : hexadecimal !== undefined
          ? Number.parseInt(plain(hexadecimal), 16)
          : decimal !== undefined
            ? Number(plain(decimal))
            : Number.parseInt(plain(octal ?? oldOctal ?? ''), 8);
    if (Number.isNaN(magnitude)) return NOT_RESOLVED;
    return sign === '-' ? -magnitude : magnitude;
  },
  identify: (value) => Number.isInteger(value),
});

/** sigs.k8s.io/yaml: YAML 1.1 booleans and nulls, merge keys, no timestamps, no tags of other types. */
const schema = FAILSAFE_SCHEMA.withTags(mergeTag, nullYaml11Tag, boolYaml11Tag, goInteger, floatCoreTag);

function parseYaml(text: string, frame: Frame): Result {
  // The parser takes about 150 ns a character.
  const spent = spend(frame, 150 + text.length);
  if (spent) return spent;
  try {
    const parsed: unknown = text.trim() === '' ? null : load(text, { schema });
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
