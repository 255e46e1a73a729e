import { BUSYBOX } from './implicit-volumes.ts';

/** Ends a breakpoint from inside a step's container, as upstream's do; the only folder in `/tekton/debug/info` is named by the step's index. */
const head = `#!${BUSYBOX} sh
cd /tekton/debug/info
for step in *; do :; done
out="/tekton/run/$step/out"
`;

export const debugScripts: ReadonlyMap<string, string> = new Map([
  ['debug-continue', `${head}echo 0 > "$out.breakpointexit"\n`],
  ['debug-fail-continue', `${head}echo 1 > "$out.breakpointexit"\n`],
  ['debug-beforestep-continue', `${head}echo 0 > "$out.beforestepexit"\n`],
  ['debug-beforestep-fail-continue', `${head}echo 1 > "$out.beforestepexit.err"\n`],
]);
