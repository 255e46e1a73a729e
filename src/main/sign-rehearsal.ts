import { groupKindOf, type KubeObject } from '../resources/object.ts';
import type { SignatureCheck } from '../triggers/interceptors/signature-check.ts';
import type { Rehearsal, RehearsedRequest } from './rehearse-event.ts';
import { isFrom, isSigner, type Signer, signEvent } from './sign-event.ts';
import { secretValue } from './store-secrets.ts';

export type SignedRehearsal =
  | { readonly ok: true; readonly objects: readonly KubeObject[]; readonly headers: RehearsedRequest['headers'] }
  /** It cannot be signed as it is asked for. */
  | { readonly ok: false; readonly message: string };

/** A secret that nobody has given: tests need not care which it is. */
const MADE_UP = 'tappet-trigger-test';

interface Choice {
  readonly signer: Signer;
  readonly namespace: string;
  readonly secretName: string;
  readonly secretKey: string;
}

/** The event as its sender would sign it, and the objects with every Secret that takes. */
export function signRehearsal(given: Rehearsal, request: RehearsedRequest, signatures: readonly SignatureCheck[]): SignedRehearsal {
  const objects = withMadeUpSecrets(given.objects, signatures);
  const { sign, headers } = request;
  if (sign === 'no') return { ok: true, objects, headers };
  const choices = signatures.flatMap(({ interceptor, namespace, secrets }): readonly Choice[] =>
    isSigner(interceptor) ? secrets.map((ref) => ({ signer: interceptor, namespace, ...ref })) : [],
  );
  const fitting = choices.filter(
    ({ secretName, secretKey }) => sign === 'auto' || (sign.secretName === secretName && sign.secretKey === secretKey),
  );
  const chosen = fitting.find(({ signer }) => isFrom(signer, request)) ?? fitting[0];
  if (chosen === undefined) {
    if (sign === 'auto') return { ok: true, objects, headers };
    const there = choices.map(({ secretName, secretKey }) => `${secretName}/${secretKey}`).join(', ');
    const message = `no interceptor of the listener verifies with secret ${sign.secretName}/${sign.secretKey}; there is ${there || 'none'}`;
    return { ok: false, message };
  }
  const secret = findSecret(objects, chosen.namespace, chosen.secretName);
  const value = secret && secretValue(secret, chosen.secretKey);
  if (value !== undefined) return { ok: true, objects, headers: { ...headers, ...signEvent(chosen.signer, value, request, given.now) } };
  // An empty Secret is how a test says that there is none.
  return sign === 'auto'
    ? { ok: true, objects, headers }
    : { ok: false, message: `secret ${chosen.secretName} has no key ${chosen.secretKey} to sign with` };
}

/** With a value for each key of a Secret that a signature is checked with and nobody has given. */
function withMadeUpSecrets(objects: readonly KubeObject[], signatures: readonly SignatureCheck[]): readonly KubeObject[] {
  const made = new Map<string, KubeObject>();
  for (const { namespace, secrets } of signatures) {
    for (const { secretName, secretKey } of secrets) {
      const known = findSecret(objects, namespace, secretName);
      if (secretKey === '' || secretName === '' || known !== undefined) continue;
      const key = `${namespace}/${secretName}`;
      const stringData = { ...(made.get(key)?.['stringData'] as Readonly<Record<string, string>> | undefined), [secretKey]: MADE_UP };
      made.set(key, { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace }, stringData });
    }
  }
  return [...objects, ...made.values()];
}

function findSecret(objects: readonly KubeObject[], namespace: string, name: string): KubeObject | undefined {
  return objects.find(
    (object) => groupKindOf(object) === 'Secret' && object.metadata.namespace === namespace && object.metadata.name === name,
  );
}
