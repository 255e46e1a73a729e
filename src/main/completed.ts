import { admit } from '../resources/admit.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import { isCustom, typeOfGroupKind } from '../resources/registry.ts';

/** What admission made of objects seen lately, so many. */
const KEPT = 1_000;

/**
 * An object as admission would have completed it. A cluster's API server knows the CRDs' types and no more: what is not said stays unsaid there, where
 * upstream's webhooks fill it in. What admission would refuse stays as it is, and fails when it is run.
 *
 * An object is read, and seen in watches, many times for each time that what its user wrote changes, which `generation` counts: until then all of it but
 * metadata and status is the same object as before.
 */
export function completed(config: EngineConfig): (object: Stored) => Stored {
  const kept = new Map<string, KubeObject | undefined>();
  const contentOf = (written: unknown): KubeObject | undefined => {
    const admission = admit(written, config);
    return admission.ok ? admission.object : undefined;
  };
  return (object) => {
    const type = typeOfGroupKind(groupKindOf(object));
    if (type === undefined || !isCustom(type)) return object;
    const { status, ...written } = object as Stored & { readonly status?: unknown };
    const { uid, generation } = object.metadata;
    const key = `${uid} ${generation} ${object.apiVersion}`;
    const content = kept.has(key) ? kept.get(key) : contentOf(written);
    // The one that was asked for last is the last to go.
    kept.delete(key);
    kept.set(key, content);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    if (content === undefined) return object;
    return { ...content, metadata: object.metadata, ...(status === undefined ? {} : { status }) } as Stored;
  };
}
