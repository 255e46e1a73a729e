import type { ClusterInterceptor } from '../resources/cluster-interceptor/schema.ts';
import type { ClusterTriggerBinding } from '../resources/cluster-trigger-binding/schema.ts';
import type { Interceptor } from '../resources/interceptor/schema.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import type { TriggerBinding } from '../resources/trigger-binding/schema.ts';
import type { TriggerTemplate } from '../resources/trigger-template/schema.ts';

/** The objects a listener leads to, as they are now. */
export interface TriggerLookup {
  trigger(namespace: string, name: string): Trigger | undefined;
  /** Of one namespace, or of all. */
  triggers(namespace?: string): readonly Trigger[];
  triggerBinding(namespace: string, name: string): TriggerBinding | undefined;
  clusterTriggerBinding(name: string): ClusterTriggerBinding | undefined;
  triggerTemplate(namespace: string, name: string): TriggerTemplate | undefined;
  clusterInterceptor(name: string): ClusterInterceptor | undefined;
  interceptor(namespace: string, name: string): Interceptor | undefined;
}
