import type { Journal } from '../ports/journal.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { ResourceType } from '../resources/registry.ts';
import type { Principal } from '../server/access/principal.ts';
import type { EngineOptions } from './start-engine.ts';

export interface Closeable {
  close(): Promise<void>;
}

/** What a server stands on: where resources and events lie, and what runs pods. One for this machine alone, one for a cluster. */
export interface Ground {
  readonly store: Store;
  readonly journal: Journal;
  readonly runtime: Runtime;
  /** What the API serves of resources: on a cluster nothing, its own API server does. */
  readonly resourceTypes: readonly ResourceType[];
  /** The API server that has the resources: `https://10.0.0.1:6443`. Absent: this one has them. */
  readonly cluster?: string | undefined;
  /** For people: `in sandboxes (bubblewrap)`. */
  readonly stepsRunIn: string;
  /** Whether this process fires the schedules of a namespace. Absent: all. */
  readonly firesSchedulesOf?: ((namespace: string) => boolean) | undefined;
  /** Absent: yes. No: the rights that are asked for on a cluster are to get Secrets by their names. */
  readonly mayListSecrets?: boolean | undefined;
  /** Starts what executes runs and what they need around them. `execute` absent: runs are left to others. */
  startWork(parts: WorkParts): Promise<Work>;
  /** Whose a token is. */
  startAccess(ownToken: string): Promise<Closeable & { authenticate(token: string): Principal | undefined }>;
  close(): Promise<void>;
}

export interface Work extends Closeable {
  /** Gives up what others can go on with, before anything else ends. Absent: there are no others. Idempotent. */
  readonly handOver?: (() => Promise<void>) | undefined;
}

export interface WorkParts {
  /** Absent: runs are left to another engine, or to nobody. */
  readonly execute?: Omit<EngineOptions, 'store' | 'runtime'> | undefined;
}
