import type { ClusterInterceptor } from '../resources/cluster-interceptor/schema.ts';
import type { ClusterTriggerBinding } from '../resources/cluster-trigger-binding/schema.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Interceptor } from '../resources/interceptor/schema.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import type { TriggerBinding } from '../resources/trigger-binding/schema.ts';
import type { TriggerTemplate } from '../resources/trigger-template/schema.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';

/** A copy of one kind that follows the store. `controllers/informer.ts` is one. */
export interface LiveKind<T extends KubeObject> {
  /** Resolves after the first complete list. */
  start(): Promise<void>;
  /** By `namespace/name`, or for cluster-scoped kinds by name. */
  get(key: string): Stored<T> | undefined;
  values(): Iterable<Stored<T>>;
  close(): Promise<void>;
}

export interface LiveKindOptions<T extends KubeObject> {
  readonly kind: GroupKind;
  /** Only objects with these labels. Absent: all. */
  readonly labelSelector?: string | undefined;
  /** What it says no to is heard of and not kept. Absent: all is kept. */
  readonly hold?: ((object: Stored<T>) => boolean) | undefined;
  readonly onChange: (now: Stored<T> | undefined, before: Stored<T> | undefined) => void;
}

export type OpenLiveKind = <T extends KubeObject>(options: LiveKindOptions<T>) => LiveKind<T>;

export interface ConfigurationOptions<C> {
  readonly open: OpenLiveKind;
  /** Makes a listener ready for events. Costly; called once per change of what the listener leads to. */
  readonly compile: (listener: Stored<EventListener>, lookup: TriggerLookup) => C;
}

const GROUP = 'triggers.tekton.dev';

/**
 * Listeners and all they lead to, as they are now, and each listener made ready for events. What is compiled is forgotten when anything it may
 * have been made of changes; writes of status alone change nothing.
 */
export class Configuration<C> implements TriggerLookup {
  readonly #compile: ConfigurationOptions<C>['compile'];
  readonly #compiled = new Map<string, C>();
  readonly #listeners: LiveKind<EventListener>;
  readonly #triggers: LiveKind<Trigger>;
  readonly #bindings: LiveKind<TriggerBinding>;
  readonly #clusterBindings: LiveKind<ClusterTriggerBinding>;
  readonly #templates: LiveKind<TriggerTemplate>;
  readonly #clusterInterceptors: LiveKind<ClusterInterceptor>;
  readonly #interceptors: LiveKind<Interceptor>;

  constructor({ open, compile }: ConfigurationOptions<C>) {
    this.#compile = compile;
    const forget = (now: Stored<KubeObject> | undefined, before: Stored<KubeObject> | undefined): void => this.#forget(now, before);
    this.#listeners = open<EventListener>({ kind: `${GROUP}/EventListener`, onChange: forget });
    this.#triggers = open<Trigger>({ kind: `${GROUP}/Trigger`, onChange: forget });
    this.#bindings = open<TriggerBinding>({ kind: `${GROUP}/TriggerBinding`, onChange: forget });
    this.#clusterBindings = open<ClusterTriggerBinding>({ kind: `${GROUP}/ClusterTriggerBinding`, onChange: forget });
    this.#templates = open<TriggerTemplate>({ kind: `${GROUP}/TriggerTemplate`, onChange: forget });
    this.#clusterInterceptors = open<ClusterInterceptor>({ kind: `${GROUP}/ClusterInterceptor`, onChange: forget });
    this.#interceptors = open<Interceptor>({ kind: `${GROUP}/Interceptor`, onChange: forget });
  }

  /** Resolves when everything has been listed once. */
  async start(): Promise<void> {
    await Promise.all(this.#kinds().map((kind) => kind.start()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#kinds().map((kind) => kind.close()));
  }

  /** By `namespace/name`. */
  listener(key: string): Stored<EventListener> | undefined {
    return this.#listeners.get(key);
  }

  listeners(): Iterable<Stored<EventListener>> {
    return this.#listeners.values();
  }

  /** The one listener there is, when there is exactly one. */
  soleListener(): Stored<EventListener> | undefined {
    let sole: Stored<EventListener> | undefined;
    for (const listener of this.#listeners.values()) {
      if (sole !== undefined) return undefined;
      sole = listener;
    }
    return sole;
  }

  compiled(listener: Stored<EventListener>): C {
    const key = `${listener.metadata.namespace}/${listener.metadata.name}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const compiled = this.#compile(listener, this);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  trigger(namespace: string, name: string): Trigger | undefined {
    return this.#triggers.get(`${namespace}/${name}`);
  }

  triggers(namespace?: string): readonly Trigger[] {
    const all = [...this.#triggers.values()];
    return namespace === undefined ? all : all.filter((trigger) => trigger.metadata.namespace === namespace);
  }

  triggerBinding(namespace: string, name: string): TriggerBinding | undefined {
    return this.#bindings.get(`${namespace}/${name}`);
  }

  clusterTriggerBinding(name: string): ClusterTriggerBinding | undefined {
    return this.#clusterBindings.get(name);
  }

  triggerTemplate(namespace: string, name: string): TriggerTemplate | undefined {
    return this.#templates.get(`${namespace}/${name}`);
  }

  clusterInterceptor(name: string): ClusterInterceptor | undefined {
    return this.#clusterInterceptors.get(name);
  }

  interceptor(namespace: string, name: string): Interceptor | undefined {
    return this.#interceptors.get(`${namespace}/${name}`);
  }

  #kinds(): readonly LiveKind<KubeObject>[] {
    return [
      this.#listeners,
      this.#triggers,
      this.#bindings,
      this.#clusterBindings,
      this.#templates,
      this.#clusterInterceptors,
      this.#interceptors,
    ];
  }

  #forget(now: Stored<KubeObject> | undefined, before: Stored<KubeObject> | undefined): void {
    const changed = now ?? before;
    if (changed === undefined || (now !== undefined && before !== undefined && meansTheSame(now, before))) return;
    const { namespace, name } = changed.metadata;
    if (changed.kind === 'EventListener') this.#compiled.delete(`${namespace}/${name}`);
    else for (const key of this.#compiled.keys()) if (this.#mayUse(key, namespace)) this.#compiled.delete(key);
  }

  /** A listener leads to its own namespace and, where it selects, to any. Cluster-scoped objects are everybody's. */
  #mayUse(key: string, namespace: string | undefined): boolean {
    const listener = this.#listeners.get(key);
    if (listener === undefined || namespace === undefined || listener.metadata.namespace === namespace) return true;
    return listener.spec.namespaceSelector !== undefined || (listener.spec.triggerGroups?.length ?? 0) > 0;
  }
}

function meansTheSame({ metadata: a }: Stored<KubeObject>, { metadata: b }: Stored<KubeObject>): boolean {
  return (
    a.uid === b.uid &&
    a.generation === b.generation &&
    JSON.stringify([a.labels, a.annotations]) === JSON.stringify([b.labels, b.annotations])
  );
}
