import type { Interceptor } from '../interceptor/schema.ts';
import type { ClusterInterceptor } from './schema.ts';

/**
 * Also of the namespaced kind. Upstream's defaulter throws the object's other labels away when it sets this one; we keep them, for nobody
 * can want that.
 */
export function defaultInterceptor<T extends ClusterInterceptor | Interceptor>(interceptor: T): T {
  const labels = interceptor.metadata.labels ?? {};
  if (Object.hasOwn(labels, 'server/type')) return interceptor;
  return { ...interceptor, metadata: { ...interceptor.metadata, labels: { ...labels, 'server/type': 'http' } } };
}
