export interface KubeconfigFacts {
  /** `https://127.0.0.1:8081` */
  readonly server: string;
  /** PEM. */
  readonly certificate: string;
  readonly token: string;
}

/** A kubeconfig for one server of ours, as YAML (which JSON is): `kubectl`, `tkn` and `k9s` take it as it is. */
export function kubeconfig({ server, certificate, token }: KubeconfigFacts): string {
  const name = 'tappet';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
