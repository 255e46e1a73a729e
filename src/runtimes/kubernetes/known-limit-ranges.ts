import { type KubeClient, KubeError } from '../../kube/kube-client.ts';
import { listWatch } from '../../kube/list-watch.ts';
import { troubleOf } from '../../kube/trouble.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LimitRange } from '../../resources/core/limit-range/schema.ts';
import type { Stored } from '../../resources/object.ts';

export interface KnownLimitRangesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Looked at alone. Empty: all. */
  readonly namespaces: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The LimitRanges of all namespaces, by one watch: what a pod asks of them costs no request. The watch begins with the first question, which waits for it.
 * Where we have no right to look there are none, which is said once.
 */
export class KnownLimitRanges {
  readonly #options: KnownLimitRangesOptions;
  /** By namespace, then by name. */
  readonly #known = new Map<string, Map<string, LimitRange>>();
  #listed: Promise<unknown> | undefined;

  constructor(options: KnownLimitRangesOptions) {
    this.#options = options;
  }

  async of(namespace: string): Promise<readonly LimitRange[]> {
    this.#listed ??= this.#begin();
    await this.#listed;
    return [...(this.#known.get(namespace)?.values() ?? [])];
  }

  #begin(): Promise<unknown> {
    const { namespaces } = this.#options;
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    return Promise.all(scopes.map((namespace) => new Promise<void>((isListed) => void this.#follow(namespace, isListed))));
  }

  async #follow(namespace: string | undefined, isListed: () => void): Promise<void> {
    const { client, clock, logger, signal } = this.#options;
    const path = namespace === undefined ? '/api/v1/limitranges' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/limitranges`;
    const watching = troubleOf(logger, 'limit ranges could not be watched, trying again');
    const onTrouble = (error: unknown): void => {
      watching.met(error);
      // What is missing is a rule; pods do not wait until somebody adds it.
      if (error instanceof KubeError && error.code === 403) isListed();
    };
    for await (const event of listWatch<LimitRange>(client, { path, clock, signal, onTrouble })) {
      if (event.type !== 'LISTED') watching.over();
      if (event.type === 'LISTED') {
        if (namespace === undefined) this.#known.clear();
        else this.#known.delete(namespace);
        for (const limitRange of event.items) this.#learn(limitRange);
        isListed();
      } else if (event.type === 'DELETED') this.#known.get(event.object.metadata.namespace ?? '')?.delete(event.object.metadata.name);
      else this.#learn(event.object);
    }
    isListed();
  }

  #learn(limitRange: Stored<LimitRange>): void {
    const { namespace = '', name } = limitRange.metadata;
    const ofNamespace = this.#known.get(namespace) ?? new Map<string, LimitRange>();
    this.#known.set(namespace, ofNamespace.set(name, limitRange));
  }
}
