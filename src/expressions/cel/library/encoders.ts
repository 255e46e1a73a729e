import { decodeBase64, encodeBase64 } from '../base64.ts';
import { Failure, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { fn, type Overload } from '../functions.ts';
import { goJson } from '../go-json.ts';
import { toJsonValue } from '../json-value.ts';
import { spendString } from '../limits.ts';
import type { CelValue } from '../values.ts';

/** cel-go's encoders extension. */

/** Also Tekton's `marshalJSON`. */
export function encodeJson(value: CelValue, frame: Frame): Result {
  const json = toJsonValue(value, frame);
  if (json instanceof Failure) return json;
  const text = goJson(json);
  return spendString(frame, text.length) ?? text;
}

export const encoders: readonly Overload[] = [
  fn('base64.encode', ['bytes'], 'string', (bytes, frame) => spendString(frame, bytes.length * 2) ?? encodeBase64(bytes)),
  fn('base64.decode', ['string'], 'bytes', (text, frame) => spendString(frame, text.length) ?? decodeBase64(text)),
  fn('json.encode', ['dyn'], 'string', encodeJson),
];
