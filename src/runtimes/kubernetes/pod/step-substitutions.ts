import type { PlannedStep } from '../../../tasks/pod-plan.ts';
import { whenHolds } from '../../../tasks/step-when.ts';

/** What the entrypoint has to do about a step's guards, and about the places where results and artifacts of earlier steps go. */
export interface StepSubstitutions {
  /** Flags of the entrypoint. */
  readonly flags: readonly string[];
  /** Words before the command; `-substitute` in `flags` counts them. */
  readonly words: readonly string[];
}

const reference = /\$\(steps\.[^.()\s]+\.results\.[^()\s]+\)/;
const artifact = /\$\(steps\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/;

/**
 * Guards that refer to nothing are evaluated here, CEL in any case: it holds no variables. Only where a step does refer to results or artifacts
 * of earlier ones is the entrypoint asked to look for them. A script's path is `step.command` here.
 */
export function stepSubstitutions(step: PlannedStep): StepSubstitutions {
  const variables = (place: RegExp): readonly string[] => [
    ...new Set(step.env.flatMap((entry) => ('value' in entry && place.test(entry.value) ? [entry.name] : []))),
  ];
  const env = variables(reference);
  const guards = step.when.map(({ input = '', operator = '', values = [], cel }) => ({ input, operator, values, cel }));
  const open = guards.some(({ input, values }) => [input, ...values].some((text) => reference.test(text)));
  const words = [...(step.command ?? []), ...step.args];
  const flags: string[] = [];
  // An earlier guard that does not hold keeps a later one's CEL from being evaluated; with open ones nobody knows yet.
  const settled = whenHolds(open ? guards.filter(({ cel }) => cel).map(({ cel }) => ({ cel, values: [] })) : guards);
  if (!settled.ok) flags.push('-broken', settled.message);
  else if (!settled.holds) flags.push('-skip');
  const artifactEnv = variables(artifact);
  const takesArtifacts = artifactEnv.length > 0 || [step.script ?? '', ...words].some((text) => artifact.test(text));
  if (env.length === 0 && !open && !takesArtifacts && !words.some((word) => reference.test(word))) return { flags, words: [] };

  const spec = [
    ...env.flatMap((name) => ['env', name]),
    ...(open
      ? guards.flatMap(({ input, operator, values }) => [
          'when',
          operator === 'in' ? 'in' : 'notin',
          String(values.length),
          input,
          ...values,
        ])
      : []),
    ...(takesArtifacts ? ['artifacts', step.script === undefined ? 'words' : 'script'] : []),
    ...artifactEnv.flatMap((name) => ['artifact-env', name]),
  ];
  return { flags: [...flags, '-substitute', String(spec.length)], words: spec };
}
