import { Failure, invalidArgument, type Result, type SecretReference } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { method, type Overload } from '../functions.ts';
import { spendString } from '../limits.ts';
import { encodeUtf8, truncateUtf8 } from '../utf8.ts';

function truncate(text: string, length: bigint, frame: Frame): Result {
  if (length < 0n) return invalidArgument(`internal error: runtime error: slice bounds out of range [:${length}]`);
  if (length >= BigInt(text.length) * 3n) return text;
  return spendString(frame, text.length) ?? truncateUtf8(text, Number(length));
}

/**
 * The secret is looked up in the trigger's namespace, whatever the third argument says: so does upstream. A secret that the host has not
 * read yet ends the evaluation with `NeedSecret`, see `CelHost`.
 */
function compareSecret(given: string, key: string, name: string, frame: Frame): Result {
  const reference: SecretReference = { name, key };
  if (!frame.host) return secretMissing(reference, 'there is no access to secrets here');
  const secret = frame.host.secret(reference);
  if (secret === undefined) return new Failure('NeedSecret', `secret '${name}' key '${key}' was not read`, reference);
  if (secret === 'missing') return secretMissing(reference, `no such secret or key`);
  return spendString(frame, given.length) ?? frame.host.equalSecret(encodeUtf8(given), secret);
}

function secretMissing({ name, key }: SecretReference, why: string): Failure {
  return invalidArgument(`failed to find secret '${name}' key '${key}' in compareSecret: ${why}`);
}

const compareSecrets: readonly Overload[] = [
  method('compareSecret', ['string', 'string', 'string'], 'bool', compareSecret),
  method('compareSecret', ['string', 'string', 'string', 'string'], 'bool', (given, key, name, _namespace, frame) => {
    return compareSecret(given, key, name, frame);
  }),
];

export const stringFunctions: readonly Overload[] = [
  method('truncate', ['string', 'int'], 'string', truncate),
  ...compareSecrets.map((overload): Overload => ({ ...overload, trace: () => ({ arguments: 'hidden', result: 'shown' }) })),
];
