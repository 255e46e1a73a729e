/** Where an API server is, whom to trust, and how to say who we are. */
export interface KubeConnection {
  /** `https://10.0.0.1:6443`, without a slash behind. */
  readonly server: string;
  /** PEM. Absent: what the machine trusts. */
  readonly ca?: string | Buffer | undefined;
  readonly skipVerification?: boolean | undefined;
  /** Of the current context. */
  readonly namespace?: string | undefined;
  /** Asked before each request; `again`: the server has just refused what was given last. */
  credentials(again: boolean): Promise<KubeCredentials>;
}

export interface KubeCredentials {
  /** What `Authorization` says. */
  readonly authorization?: string | undefined;
  /** PEM. */
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** Something in a kubeconfig, or around a pod, that has to be put right. */
export class KubeConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeConfigError';
  }
}
