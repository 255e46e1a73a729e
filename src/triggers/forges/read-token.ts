import type { SecretRef } from '../interceptors/params.ts';
import { type Outside, readSecret } from '../outside.ts';

/** A credential of a forge, as a header. */
export interface ForgeToken {
  /** Tells tokens apart without telling them. */
  readonly id: string;
  readonly header: Readonly<Record<string, string>>;
}

export type ReadToken = { readonly ok: true; readonly token: ForgeToken } | { readonly ok: false; readonly message: string };

/** A forge's token from a Secret. A line break at the end, as editors leave one, is none of the token; no header could hold it. */
export async function readToken(
  outside: Outside,
  namespace: string,
  { secretName, secretKey }: SecretRef,
  headerOf: (token: string) => Readonly<Record<string, string>>,
): Promise<ReadToken> {
  const secret = await readSecret(outside, namespace, secretName, secretKey);
  const place = `${secretKey} key in secret ${namespace}/${secretName}`;
  if (secret === undefined) return { ok: false, message: `cannot find ${place}` };
  const token = new TextDecoder().decode(secret).trim();
  if (token === '') return { ok: false, message: `empty ${place}: nobody can be asked with it` };
  if (!/^[\x21-\x7e]+$/.test(token)) return { ok: false, message: `${place} has characters that no token has: expected one word` };
  return { ok: true, token: { id: [namespace, secretName, secretKey].join('/'), header: headerOf(token) } };
}
