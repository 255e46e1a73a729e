import { admit } from '../resources/admit.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { groupKindOf, type Stored } from '../resources/object.ts';
import { isCustom, typeOfGroupKind } from '../resources/registry.ts';

/**
 * An object as admission would have completed it. A cluster's API server knows the CRDs' types and no more: what is not said stays unsaid there, where
 * upstream's webhooks fill it in. What admission would refuse stays as it is, and fails when it is run.
 */
export function completed(config: EngineConfig): (object: Stored) => Stored {
  return (object) => {
    const type = typeOfGroupKind(groupKindOf(object));
    if (type === undefined || !isCustom(type)) return object;
    const { status, ...written } = object as Stored & { readonly status?: unknown };
    const admission = admit(written, config);
    if (!admission.ok) return object;
    return { ...admission.object, metadata: object.metadata, ...(status === undefined ? {} : { status }) } as Stored;
  };
}
