/** What proves to an API server who we are. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** PEM, for a client certificate. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

export interface CredentialSource {
  /** Asked before every request: what is still good comes from memory. */
  current(now: number): Promise<Credentials>;
  /** The server refused these. True: the next `current` asks anew where they came from. */
  renew(refused: Credentials): boolean;
}

/** Where an API server is, how to know it, and who we are to it. */
export interface KubeConnection {
  /** Without a slash at the end: `https://10.0.0.1:6443`. */
  readonly server: string;
  /** The one to work in if nobody says another. */
  readonly namespace?: string | undefined;
  /** PEM; the system's roots if absent. */
  readonly authority?: string | undefined;
  /** The name in its certificate, if it is not the one it is called by. */
  readonly serverName?: string | undefined;
  /** Its certificate is not looked at: the kubeconfig says so. */
  readonly insecure?: boolean | undefined;
  readonly credentials: CredentialSource;
}
