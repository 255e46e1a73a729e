export interface KubeconfigFacts {
  /** `https://127.0.0.1:8081` */
  readonly server: string;
  /** What vouches for the server, PEM. Absent: what the client's machine trusts. */
  readonly authority: string | undefined;
  readonly token: string;
}

/** A kubeconfig for one server of ours, as YAML (which JSON is): `kubectl`, `tkn` and `k9s` take it as it is. */
export function kubeconfig({ server, authority, token }: KubeconfigFacts): string {
  const name = 'tappet';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server, ...(authority && { 'certificate-authority-data': Buffer.from(authority).toString('base64') }) } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
