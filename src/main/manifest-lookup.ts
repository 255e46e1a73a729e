import type { ClusterInterceptor } from '../resources/cluster-interceptor/schema.ts';
import type { ClusterTriggerBinding } from '../resources/cluster-trigger-binding/schema.ts';
import type { Interceptor } from '../resources/interceptor/schema.ts';
import { type GroupKind, groupKindOf, type KubeObject } from '../resources/object.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import type { TriggerBinding } from '../resources/trigger-binding/schema.ts';
import type { TriggerTemplate } from '../resources/trigger-template/schema.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';

interface FiledObject {
  readonly object: KubeObject;
  /** Of the file it is in. */
  readonly path: string;
}

const GROUP = 'triggers.tekton.dev';

/**
 * Objects of files, as one of those files sees them. An object without namespace is in whichever one it is applied to, so that it meets those of
 * any; of several with the name asked for the one in the nearest folder is meant.
 */
export class ManifestLookup implements TriggerLookup {
  readonly #objects: readonly FiledObject[];
  readonly #from: string;

  constructor(objects: readonly FiledObject[], from: string) {
    this.#objects = objects;
    this.#from = from;
  }

  find(kind: GroupKind, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#nearest(this.#of(kind, namespace).filter(({ object }) => object.metadata.name === name));
  }

  names(kind: GroupKind, namespace: string | undefined): readonly string[] {
    return this.#of(kind, namespace).flatMap(({ object }) => object.metadata.name ?? []);
  }

  trigger(namespace: string, name: string): Trigger | undefined {
    return this.#typed<Trigger>(`${GROUP}/Trigger`, namespace, name);
  }

  /** What is selected by namespace has to be there for sure: one that may be put anywhere is taken to be in `default`. */
  triggers(namespace?: string): readonly Trigger[] {
    const placed = this.#of(`${GROUP}/Trigger`, namespace).filter(({ object }) => {
      return (namespace ?? '') === '' || (object.metadata.namespace || 'default') === namespace;
    });
    const names = new Set(placed.flatMap(({ object }) => object.metadata.name ?? []));
    return [...names].flatMap((name) => this.#typed<Trigger>(`${GROUP}/Trigger`, namespace, name) ?? []);
  }

  triggerBinding(namespace: string, name: string): TriggerBinding | undefined {
    return this.#typed<TriggerBinding>(`${GROUP}/TriggerBinding`, namespace, name);
  }

  clusterTriggerBinding(name: string): ClusterTriggerBinding | undefined {
    return this.#typed<ClusterTriggerBinding>(`${GROUP}/ClusterTriggerBinding`, undefined, name);
  }

  triggerTemplate(namespace: string, name: string): TriggerTemplate | undefined {
    return this.#typed<TriggerTemplate>(`${GROUP}/TriggerTemplate`, namespace, name);
  }

  clusterInterceptor(name: string): ClusterInterceptor | undefined {
    return this.#typed<ClusterInterceptor>(`${GROUP}/ClusterInterceptor`, undefined, name);
  }

  interceptor(namespace: string, name: string): Interceptor | undefined {
    return this.#typed<Interceptor>(`${GROUP}/Interceptor`, namespace, name);
  }

  /** Admission has seen to the shape. */
  #typed<T>(kind: GroupKind, namespace: string | undefined, name: string): T | undefined {
    return this.find(kind, namespace, name) as T | undefined;
  }

  #of(kind: GroupKind, namespace: string | undefined): readonly FiledObject[] {
    return this.#objects.filter(({ object }) => {
      if (groupKindOf(object) !== kind) return false;
      const own = object.metadata.namespace;
      return (namespace ?? '') === '' || (own ?? '') === '' || own === namespace;
    });
  }

  #nearest(found: readonly FiledObject[]): KubeObject | undefined {
    let best: FiledObject | undefined;
    for (const candidate of found) if (best === undefined || this.#shared(candidate) > this.#shared(best)) best = candidate;
    return best?.object;
  }

  /** Folders that both files are in; the file itself counts as one more. */
  #shared({ path }: FiledObject): number {
    const [mine, theirs] = [this.#from.split('/'), path.split('/')];
    const differs = mine.findIndex((part, index) => part !== theirs[index]);
    return differs < 0 ? mine.length : differs;
  }
}
