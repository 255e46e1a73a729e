import type { PlannedSidecar, PlannedStep, PodPlan } from '../../../tasks/pod-plan.ts';
import { BUSYBOX, sidecarMounts, stepMounts } from './implicit-volumes.ts';
import { commonFields, withMounts } from './plan-to-container.ts';
import { type Container, defined } from './pod-manifest.ts';
import type { ImageCommand, PodFacts } from './pod-settings.ts';
import { healthFields } from './probes.ts';
import { names } from './result-names.ts';
import { sidecarScript, stepScript } from './scripts.ts';
import { stepSubstitutions } from './step-substitutions.ts';

/** Where a container's last words are found; a file of its own. */
const TERMINATION = '/tekton/termination';

export interface StepPlace {
  readonly index: number;
  /** Bytes of its termination message. */
  readonly messageLimit: number;
}

/** The container of a step: the entrypoint, told what to run and when. */
export function stepContainer(plan: PodPlan, { index, messageLimit }: StepPlace, facts: PodFacts): Container {
  const step = plan.steps[index] as PlannedStep;
  const [command, args] = commandOf(step, index, facts.imageCommands.get(step.container));
  const { flags, words } = stepSubstitutions({ ...step, command, args });
  const here = isOurs(step.workingDir);
  return defined({
    ...commonFields(step),
    command: [BUSYBOX, 'sh', '/tekton/scripts/entrypoint'],
    args: [
      ...['-index', String(index), '-container', step.container, '-message_limit', String(messageLimit)],
      ...(step.onError === 'continue' ? ['-on_error', 'continue'] : []),
      ...(step.timeoutMs === undefined ? [] : ['-timeout', String(step.timeoutMs / 1000)]),
      ...(plan.resultsLog === undefined ? [] : ['-results_elsewhere']),
      ...names('-results', plan.results),
      ...names('-step_results', step.results),
      ...(step.stdoutPath === undefined ? [] : ['-stdout_path', step.stdoutPath]),
      ...(step.stderrPath === undefined ? [] : ['-stderr_path', step.stderrPath]),
      ...(here === undefined ? [] : ['-dir', here]),
      ...(facts.credentials === undefined ? [] : ['-credentials']),
      ...(step.pausesBefore ? ['-pause_before'] : []),
      ...(step.pausesOnFailure ? ['-pause_on_failure'] : []),
      ...flags,
      '--',
      ...words,
      ...command,
      ...args,
    ],
    workingDir: here === undefined ? step.workingDir : undefined,
    volumeMounts: withMounts(step.mounts, stepMounts(plan, index, facts)),
    terminationMessagePath: TERMINATION,
  });
}

/** Kubernetes starts it before the steps, and ends it behind them: an init container that goes on. */
export function sidecarContainer(sidecar: PlannedSidecar, index: number, plan: PodPlan): Container {
  const here = isOurs(sidecar.workingDir);
  return defined({
    ...commonFields(sidecar),
    ...sidecar.passedOn,
    command: sidecar.script === undefined ? sidecar.command : [`/tekton/scripts/${sidecarScript(index)}`],
    args: sidecar.args.length === 0 ? undefined : sidecar.args,
    workingDir: here ?? sidecar.workingDir,
    volumeMounts: withMounts(sidecar.mounts, sidecarMounts(sidecar.script !== undefined)),
    ...healthFields(sidecar, plan.ignoresReadiness !== true),
    restartPolicy: 'Always',
  });
}

/** Without a command of its own, the image's: its entrypoint, and its arguments where the step has none. Follows pkg/pod/entrypoint_lookup.go. */
function commandOf(step: PlannedStep, index: number, image: ImageCommand | undefined): readonly [readonly string[], readonly string[]] {
  if (step.script !== undefined) return [[`/tekton/scripts/${stepScript(index)}`], step.args];
  if (step.command !== undefined) return [step.command, step.args];
  const { entrypoint = [], cmd = [] } = image ?? {};
  // As upstream, arguments go behind the image's own where it has no entrypoint.
  if (entrypoint.length === 0) return [cmd, step.args];
  return [entrypoint, step.args.length === 0 ? cmd : step.args];
}

/** Below `/workspace` the entrypoint makes it, as the step's user; elsewhere the container runtime does, as root. */
function isOurs(workingDir: string | undefined): string | undefined {
  if (workingDir === undefined) return undefined;
  if (!workingDir.startsWith('/')) return `/workspace/${workingDir}`;
  return workingDir.startsWith('/workspace/') ? workingDir : undefined;
}
