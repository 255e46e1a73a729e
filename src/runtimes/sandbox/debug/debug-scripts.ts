import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedStep } from '../../../tasks/pod-plan.ts';
import type { PodPaths } from '../pod-paths.ts';

/** Upstream runs its scripts inside the pod; ours are run on this machine and find the pod by where they lie. */
const FIND_STEP = `#!/bin/sh
set -e
tekton="$(cd -- "$(dirname -- "$0")/../.." && pwd)"
step="$(ls -- "$tekton/debug/info" | sort -n | tail -n 1)"
[ -n "$step" ] || { echo 'no step waits at a breakpoint' >&2; exit 1; }
`;

const scripts: Readonly<Record<string, string>> = {
  'debug-continue': `echo 0 > "$tekton/run/$step/out.breakpointexit"`,
  'debug-fail-continue': `echo 1 > "$tekton/run/$step/out.breakpointexit"`,
  'debug-beforestep-continue': `echo 0 > "$tekton/run/$step/out.beforestepexit"`,
  'debug-beforestep-fail-continue': `echo 1 > "$tekton/run/$step/out.beforestepexit.err"`,
  // Ours: what the failed step saw, as it left it, in a sandbox like its own.
  'debug-shell': `container="$tekton/../containers/$(cat -- "$tekton/debug/info/$step")"
[ -f "$container/options" ] || { echo "there is no sandbox to enter; the pod's folders are beside $tekton" >&2; exit 1; }
exec bwrap --args 3 -- "\${@:-/bin/sh}" 3< "$container/options"`,
};

export function debugScriptsFolder({ tekton }: PodPaths): string {
  return join(tekton, 'debug', 'scripts');
}

/** Below `/tekton/debug`, as upstream has them. May be done again. */
export function writeDebugScripts(pod: PodPaths): void {
  const folder = debugScriptsFolder(pod);
  for (const path of [folder, join(pod.tekton, 'debug', 'info')]) mkdirSync(path, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) writeFileSync(join(folder, name), `${FIND_STEP}${script}\n`, { mode: 0o755 });
}

/** Notes that this step is the one that waits; the scripts look for the last. */
export function noteWaitingStep({ tekton }: PodPaths, index: number, { container }: PlannedStep): void {
  writeFileSync(join(tekton, 'debug', 'info', String(index)), `${container}\n`);
}
