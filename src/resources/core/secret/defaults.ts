import type { Secret } from './schema.ts';

/** As the Kubernetes API server: `Opaque` unless said otherwise, `stringData` goes into `data` and wins there. */
export function defaultSecret(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  const type = (secret.type ?? '') === '' ? 'Opaque' : secret.type;
  if (stringData === undefined) return { ...rest, type };
  const encoded = Object.entries(stringData).map(([key, text]): [string, string] => [key, base64(new TextEncoder().encode(text))]);
  return { ...rest, type, data: Object.fromEntries([...Object.entries(secret.data ?? {}), ...encoded]) };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Written out: a pure room has no Buffer, and `btoa` takes no bytes. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += alphabet.charAt(bits >> 18) + alphabet.charAt((bits >> 12) & 63);
    text += b === undefined ? '=' : alphabet.charAt((bits >> 6) & 63);
    text += c === undefined ? '=' : alphabet.charAt(bits & 63);
  }
  return text;
}
