import { Configuration } from '../events/configuration.ts';
import { layOver } from '../events/lay-over.ts';
import type { KubeObject } from '../resources/object.ts';
import { compileListener } from '../triggers/compile-listener.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';

/** What a server that had just these objects would know of its listeners. */
export function compileConfiguration(
  objects: readonly KubeObject[],
  { loopback = true }: { readonly loopback?: boolean } = {},
): readonly CompiledListener[] {
  const configuration = new Configuration<CompiledListener>({
    open: layOver(objects, () => undefined),
    compile: (listener, lookup) => compileListener(listener, lookup, { loopback }),
  });
  return [...configuration.listeners()].map((listener) => configuration.compiled(listener));
}
