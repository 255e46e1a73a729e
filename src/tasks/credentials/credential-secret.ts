/** A Secret that a ServiceAccount lists, as far as credentials for steps are made of it. */
export interface CredentialSecret {
  readonly name: string;
  /** `kubernetes.io/basic-auth` and the like. */
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: ReadonlyMap<string, string>;
}

/** For one place, what gives access to it. */
export interface CredentialEntry {
  readonly secret: CredentialSecret;
  /** As the annotation says: `https://github.com`, `github.com:2222/org/repo`. */
  readonly place: string;
}

/** Values of the annotations that begin so, sorted: where a secret is meant for. */
export function placesOf({ annotations }: CredentialSecret, prefix: string): readonly string[] {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(prefix))
    .map(([, value]) => value)
    .sort();
}
