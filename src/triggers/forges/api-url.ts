export type ApiUrl = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly message: string };

/** The param `apiUrl`, with a slash at the end. */
export function readApiUrl(text: string): ApiUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    const expected = 'expected an address like https://github.example.com/api/v3, without user, password and query';
    // A password in it must not get into messages.
    const got = url === undefined ? 'no address' : JSON.stringify(`${url.protocol}//${url.host}${url.pathname}`);
    return { ok: false, message: `apiUrl is ${got}, ${expected}` };
  }
  return { ok: true, url: url.pathname.endsWith('/') ? url.href : `${url.href}/` };
}

/** What is said of an address over which a token goes unencrypted. */
export function clearTextWarning(apiUrl: string | undefined): readonly string[] {
  return apiUrl?.startsWith('http:') === true ? [`apiUrl is ${apiUrl}: the token goes there unencrypted`] : [];
}
