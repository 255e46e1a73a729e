import { goJson } from '../../jsonpath/go-json.ts';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { Failure, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { fn, type Overload } from '../functions.ts';
import { type Json, toJsonValue } from '../json-value.ts';
import { lengthWithin, spendString } from '../limits.ts';
import type { CelValue } from '../values.ts';

/** cel-go's encoders extension. */

/** Also Tekton's `marshalJSON`. */
export function encodeJson(value: CelValue, frame: Frame): Result {
  const json = toJsonValue(value, frame);
  if (json instanceof Failure) return json;
  // Parts may be shared, so that the text is longer than all that was made. Escapes make it six times as long at most.
  const spent = spendString(frame, jsonLength(json));
  if (spent) return spent;
  const text = goJson(json);
  return lengthWithin(frame, text.length) ?? text;
}

/** Length of the JSON text without escapes. */
function jsonLength(json: Json): number {
  if (typeof json === 'string') return json.length + 2;
  if (typeof json !== 'object' || json === null) return 5;
  if (Array.isArray(json)) return json.reduce((sum, element) => sum + jsonLength(element) + 1, 1);
  return Object.entries(json).reduce((sum, [key, member]) => sum + key.length + jsonLength(member) + 4, 1);
}

export const encoders: readonly Overload[] = [
  fn('base64.encode', ['bytes'], 'string', (bytes, frame) => spendString(frame, bytes.length * 2) ?? encodeBase64(bytes)),
  fn('base64.decode', ['string'], 'bytes', (text, frame) => spendString(frame, text.length) ?? decodeBase64(text)),
  fn('json.encode', ['dyn'], 'string', encodeJson),
];
