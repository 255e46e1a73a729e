import type { PodPlan } from '../../../tasks/pod-plan.ts';
import type { Mount, Volume } from './pod-manifest.ts';
import type { PodFacts, PodSettings } from './pod-settings.ts';

/**
 * The folders every pod has beside its task's own. They are upstream's to look at, with fewer volumes behind them: what each step keeps for itself
 * (`/tekton/run/0`, `/tekton/steps/step-build`, `/tekton/creds`) is a folder of one volume that all steps share, and only its own step may write to it.
 */
const shared: readonly { readonly name: string; readonly mountPath: string }[] = [
  { name: 'tekton-internal-workspace', mountPath: '/workspace' },
  { name: 'tekton-internal-home', mountPath: '/tekton/home' },
  { name: 'tekton-internal-results', mountPath: '/tekton/results' },
  { name: 'tekton-internal-artifacts', mountPath: '/tekton/artifacts' },
];
const steps: Mount = { name: 'tekton-internal-steps', mountPath: '/tekton/steps', readOnly: true };
const run: Mount = { name: 'tekton-internal-run', mountPath: '/tekton/run', readOnly: true };
const credentials = 'tekton-creds-init-home';
const credentialFiles: Mount = { name: 'tekton-creds', mountPath: '/tekton/creds-secrets', readOnly: true };
const debugInfo = 'tekton-debug-info';
/** The tools' image, or what there is of it after an init container has copied it: not every container runtime can mount a folder of an image. */
export const BUSYBOX = '/tekton/bin/bin/busybox';
export const binMount: Mount = { name: 'tekton-internal-bin', mountPath: '/tekton/bin', readOnly: true };
export const scriptsMount: Mount = { name: 'tekton-internal-scripts', mountPath: '/tekton/scripts', readOnly: true };
export const debugScriptsMount: Mount = { name: 'tekton-debug-scripts', mountPath: '/tekton/debug/scripts', readOnly: true };

export function pauses({ steps: planned }: PodPlan): boolean {
  return planned.some(({ pausesBefore, pausesOnFailure }) => pausesBefore === true || pausesOnFailure === true);
}

export function implicitVolumes(
  plan: PodPlan,
  settings: PodSettings,
  { credentials: files }: PodFacts,
  scripts: readonly Volume[],
): readonly Volume[] {
  const empty = ({ name }: { readonly name: string }): Volume => ({ name, emptyDir: {} });
  const ofImage = settings.delivery === 'image-volume';
  return [
    ...[...shared, steps, run].map(empty),
    ...(files === undefined ? [] : [{ name: credentialFiles.name, secret: { secretName: files.secretName, items: files.files } }]),
    ...scripts,
    ...(pauses(plan) ? [{ name: debugInfo, emptyDir: {} }] : []),
    ofImage ? { name: binMount.name, image: { reference: settings.toolsImage, pullPolicy: 'IfNotPresent' } } : empty(binMount),
    { name: credentials, emptyDir: { medium: 'Memory' } },
  ];
}

/** In the order of their paths' depth, as they are mounted. */
export function stepMounts(plan: PodPlan, index: number, { credentials: files }: PodFacts): readonly Mount[] {
  const container = plan.steps[index]?.container ?? '';
  const own = (whole: Mount, name: string): Mount => ({ name: whole.name, mountPath: `${whole.mountPath}/${name}`, subPath: name });
  return [
    ...shared,
    steps,
    own(steps, container),
    own(steps, String(index)),
    run,
    own(run, String(index)),
    binMount,
    scriptsMount,
    { name: credentials, mountPath: '/tekton/creds', subPath: container },
    ...(files === undefined ? [] : [credentialFiles]),
    ...(pauses(plan) ? [debugScriptsMount, { name: debugInfo, mountPath: `/tekton/debug/info/${index}`, subPath: String(index) }] : []),
  ];
}

/** What steps write results into, to look at. */
export const resultsLogMounts: readonly Mount[] = [
  ...shared.slice(2).map((mount) => ({ ...mount, readOnly: true })),
  steps,
  run,
  binMount,
  scriptsMount,
];

export function sidecarMounts(hasScript: boolean): readonly Mount[] {
  return [...shared.slice(0, 2), ...(hasScript ? [scriptsMount] : [])];
}
