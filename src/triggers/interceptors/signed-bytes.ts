/** What senders sign that put time and id before the body. */
export function signedBytes(before: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(before);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}
