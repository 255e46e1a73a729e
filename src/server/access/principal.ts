import type { AccessRole } from '../../resources/access-token/schema.ts';

/** Who sends a request. */
export interface Principal {
  /** In audit records and refusals: `token:ci-bot`. */
  readonly name: string;
  readonly role: AccessRole;
  /** Absent: all namespaces, and what belongs to none. */
  readonly namespace?: string | undefined;
}
