import type { PlannedSidecar, PlannedStep, PodPlan } from '../../../tasks/pod-plan.ts';
import { entrypointText, resultsLogText, substituteText } from '../entrypoint/entrypoint-text.ts';
import { debugScripts } from './debug-scripts.ts';
import { debugScriptsMount, pauses, scriptsMount } from './implicit-volumes.ts';
import type { Container, Volume } from './pod-manifest.ts';
import type { PodSettings } from './pod-settings.ts';

/** Files that pods are given, by their names below `/tekton/scripts`. */
type Files = ReadonlyMap<string, string>;

export interface PlacedScripts {
  readonly annotations: Readonly<Record<string, string>>;
  readonly volumes: readonly Volume[];
  readonly initContainers: readonly Container[];
}

/** Kubernetes takes 256 KiB of annotations altogether; users' own are among them. */
const MOST_ANNOTATIONS_BYTES = 192 * 1024;
const EXECUTABLE = 0o555;

/**
 * The scripts of steps and sidecars, and the entrypoint. They are annotations of the pod, which Kubernetes writes into files itself: no container has to
 * run for it first, and no ConfigMap has to be made and removed. Where they are too long together an init container writes them, as upstream's does.
 */
export function placeScripts(plan: PodPlan, settings: PodSettings): PlacedScripts {
  const files = scriptFiles(plan);
  const debug = pauses(plan) ? [annotationVolume(debugScriptsMount.name, debugScripts)] : [];
  const ofDebug = pauses(plan) ? annotationsOf(debugScripts) : {};
  const annotations = { ...annotationsOf(files), ...ofDebug };
  const bytes = Object.entries({ ...plan.annotations, ...annotations }).reduce(
    (sum, [key, text]) => sum + key.length + Buffer.byteLength(text),
    0,
  );
  if (bytes <= MOST_ANNOTATIONS_BYTES) {
    return { annotations, volumes: [annotationVolume(scriptsMount.name, files), ...debug], initContainers: [] };
  }
  return {
    annotations: ofDebug,
    volumes: [{ name: scriptsMount.name, emptyDir: {} }, ...debug],
    initContainers: [placeScriptsContainer(files, settings)],
  };
}

export function stepScript(index: number): string {
  return `script-${index}`;
}

export function sidecarScript(index: number): string {
  return `sidecar-script-${index}`;
}

function scriptFiles({ steps, sidecars, resultsLog }: PodPlan): Files {
  const named = (containers: readonly (PlannedStep | PlannedSidecar)[], name: (index: number) => string): [string, string][] =>
    containers.flatMap(({ script }, index): [string, string][] => (script === undefined ? [] : [[name(index), script]]));
  return new Map([
    ['entrypoint', entrypointText],
    ['substitute', substituteText],
    ...(resultsLog === undefined ? [] : [['results-log', resultsLogText] as const]),
    ...named(steps, stepScript),
    ...named(sidecars, sidecarScript),
  ]);
}

function annotationOf(file: string): string {
  return `tappet.dev/file-${file}`;
}

function annotationsOf(files: Files): Readonly<Record<string, string>> {
  return Object.fromEntries([...files].map(([name, text]) => [annotationOf(name), text]));
}

function annotationVolume(name: string, files: Files): Volume {
  const items = [...files.keys()].map((file) => ({ path: file, fieldRef: { fieldPath: `metadata.annotations['${annotationOf(file)}']` } }));
  return { name, downwardAPI: { defaultMode: EXECUTABLE, items } };
}

function placeScriptsContainer(files: Files, settings: PodSettings): Container {
  const script = 'cd /tekton/scripts; while [ $# -gt 0 ]; do printf %s "$2" | base64 -d > "$1"; chmod 555 "$1"; shift 2; done';
  return {
    name: 'place-scripts',
    image: settings.toolsImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/busybox', 'sh', '-c', script, 'place-scripts'],
    args: [...files].flatMap(([name, text]) => [name, Buffer.from(text).toString('base64')]),
    volumeMounts: [{ name: scriptsMount.name, mountPath: scriptsMount.mountPath }],
  };
}
