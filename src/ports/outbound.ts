/** Where a server is, if this one may call it. Several addresses are one server's; a caller goes to one of them, and to no other. */
export type Located =
  | { readonly ok: true; readonly addresses: readonly string[] }
  /** `Refused`: the outbound policy is against it; see the settings. `message`: for people, no credentials in it. */
  | { readonly ok: false; readonly code: 'Refused' | 'Unreachable' | 'Malformed'; readonly message: string };

/**
 * For programs that connect by themselves (git): the same check, by the same policy, that `Http` makes before each connection. `url`: absolute,
 * `http:` or `https:`. Never rejects.
 */
export type Locate = (url: string) => Promise<Located>;
