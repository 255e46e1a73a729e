import type { EventActions } from '../../events/event-actions.ts';
import type { InterceptorService } from '../../events/interceptor-service.ts';
import type { Scheduler } from '../../events/schedules/scheduler.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ExecOptions, ExecSession, TakeOutput } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { Admission, UnknownFields } from '../../resources/admit.ts';
import type { FieldError } from '../../resources/field-error.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { ResourceType } from '../../resources/registry.ts';
import type { AuditLog } from '../access/audit-log.ts';
import type { Principal } from '../access/principal.ts';

export interface PodLogOptions {
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** What the API serves and with what. It knows no adapter. */
export interface ApiOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly resourceTypes: readonly ResourceType[];
  /** Checks and completes one object as it came from a client. */
  readonly admit: (raw: unknown, unknownFields: UnknownFields) => Admission;
  /**
   * What looks wrong with an admitted object, one text each; it is stored all the same. `dryRun`: what it refers to may come with it, and is not
   * looked for.
   */
  readonly advise?: ((object: KubeObject, dryRun: boolean) => Promise<readonly string[]>) | undefined;
  /** What an update may not change. Absent: everything may change. */
  readonly validateUpdate?: ((next: KubeObject, current: KubeObject) => readonly FieldError[]) | undefined;
  /** Output of one container. Unknown container: nothing. */
  readonly podLogs: (namespace: string, pod: string, container: string, options: PodLogOptions) => AsyncIterable<Buffer>;
  /** Runs a command beside a container. `undefined`: that container does not run. Absent: none can be run here. */
  readonly execInPod?:
    | ((namespace: string, pod: string, container: string, options: ExecOptions, output: TakeOutput) => Promise<ExecSession | undefined>)
    | undefined;
  /** Absent: schedules are kept and not run. */
  readonly schedules?: Pick<Scheduler, 'runNow'> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tappet's own, for `/version`. */
  readonly version: string;
  /** Whether everything needed to work is up; the text says what is not. */
  readonly readiness?: (() => { readonly ready: boolean; readonly text: string }) | undefined;
  /** Prometheus text of our own series. */
  readonly metrics?: (() => string | Promise<string>) | undefined;
  /** Our interceptors over their wire protocol, under `/interceptors/<name>`. */
  readonly interceptors?: InterceptorService | undefined;
  /** Explain, replay, retry. Absent: this server has no events. */
  readonly eventActions?: EventActions | undefined;
  readonly access: ApiAccess;
}

export interface ApiAccess {
  /**
   * Host names (without port) that a request may be addressed to; a page of another site that makes a browser resolve its name to our
   * address is refused. Empty: any, only sound with a token.
   */
  readonly allowedHosts: readonly string[];
  /** Whose token it is, sent as `Authorization: Bearer`. Absent: anybody may do anything. */
  readonly authenticate?: ((token: string) => Principal | undefined) | undefined;
  /** Absent: nothing is recorded. */
  readonly audit?: AuditLog | undefined;
}

export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
