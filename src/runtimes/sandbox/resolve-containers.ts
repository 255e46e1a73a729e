import type { PodMaterials } from '../../ports/runtime.ts';
import type { PlannedMount, PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import type { CredentialFiles } from './credentials.ts';
import { ContainerConfigError, declaredEnvironment } from './environment.ts';
import { expandVariables } from './expand-variables.ts';
import type { HostPathPolicy } from './host-path.ts';
import { type ImageMap, type ImageMapEntry, serveImage } from './image-map.ts';
import type { Isolation } from './isolation.ts';
import { checkNode } from './node-selector.ts';
import { refuseRoot } from './run-as-non-root.ts';
import { checkVolumes } from './volumes.ts';

export interface ResolvedPod {
  /** With every variable a literal and `$(VAR)` expanded, as the kubelet hands it to upstream's entrypoint. */
  readonly plan: PodPlan;
  /** By container name. */
  readonly images: ReadonlyMap<string, ImageMapEntry>;
  /** By container name: what keeps it from being created. The pod waits while there is one. */
  readonly problems: ReadonlyMap<string, ContainerConfigError>;
  /** For each step's `/tekton/creds` and home. */
  readonly credentials: CredentialFiles;
}

/** What this machine has for containers. */
interface Host {
  readonly imageMap: ImageMap;
  readonly hostPaths: HostPathPolicy;
  readonly isolation: Pick<Isolation, 'sharesNetwork' | 'capabilities'>;
}

export function resolvePod(plan: PodPlan, materials: PodMaterials, { imageMap, hostPaths, isolation }: Host): ResolvedPod {
  const images = new Map<string, ImageMapEntry>();
  const problems = new Map<string, ContainerConfigError>();
  const { error: problemOfPod } = attempt(() => {
    checkNode(plan);
    checkVolumes(plan, materials, { hostPaths, imageMap });
  });

  const resolve = <C extends PlannedStep | PlannedSidecar>(container: C): C => {
    const found = attempt(() => {
      if (problemOfPod !== undefined) throw problemOfPod;
      const served = serveImage(imageMap, container.image);
      if (served.type === 'refused') throw new ContainerConfigError(served.message, served.reason);
      images.set(container.container, served.by);
      if (isNothingToRun(container, served.by)) {
        throw new ContainerConfigError(
          `no command specified: ${JSON.stringify(container.name)} has neither command nor script, and the image map knows no entrypoint or cmd of ${JSON.stringify(container.image)}`,
          'CreateContainerError',
        );
      }
      if (container.devices !== undefined)
        throw new ContainerConfigError(`volumeDevices: only a cluster can give block devices to containers`);
      if (!('onError' in container)) refuseUnasked(container, isolation.sharesNetwork);
      refuseRoot(container, plan, served.by.user ?? '0', isolation.capabilities.runAsUser);
      return expand(container, declaredEnvironment(container, plan, materials));
    });
    if (found.error !== undefined) problems.set(container.container, found.error);
    return found.value ?? container;
  };
  const resolved = { ...plan, steps: plan.steps.map(resolve), sidecars: plan.sidecars.map(resolve) };
  return { plan: resolved, images, problems, credentials: materials.credentials ?? new Map() };
}

/**
 * The words to execute. Without command and script they are the image's: entrypoint and `args`, or its `cmd` when there are none; without an
 * entrypoint `args` follow `cmd` (as upstream's entrypoint look-up has it, not as Docker does).
 */
export function commandLine(container: PlannedStep | PlannedSidecar, image: ImageMapEntry, script: string): readonly string[] {
  const { command, args } = container;
  if (container.script !== undefined) return [script, ...args];
  if (command !== undefined && command.length > 0) return [...command, ...args];
  const { entrypoint = [], cmd = [] } = image;
  if (entrypoint.length === 0) return [...cmd, ...args];
  return [...entrypoint, ...(args.length > 0 ? args : cmd)];
}

function isNothingToRun(container: PlannedStep | PlannedSidecar, image: ImageMapEntry): boolean {
  return container.script === undefined && commandLine({ ...container, args: [] }, image, '').length === 0;
}

/** A probe that nobody can ask would never pass. */
function refuseUnasked(sidecar: PlannedSidecar, sharesNetwork: boolean): void {
  const { readinessProbe, startupProbe, livenessProbe, postStart, preStop } = sidecar;
  const checks = {
    readinessProbe: readinessProbe?.check,
    startupProbe: startupProbe?.check,
    livenessProbe: livenessProbe?.check,
    'lifecycle.postStart': postStart,
    'lifecycle.preStop': preStop,
  };
  for (const [name, check] of Object.entries(checks)) {
    const who = `${name} of ${JSON.stringify(sidecar.name)}`;
    if (check?.type === 'grpc') throw new ContainerConfigError(`${who}: grpc is not supported here; use exec, httpGet or tcpSocket`);
    if (!sharesNetwork && (check?.type === 'http' || check?.type === 'tcp'))
      throw new ContainerConfigError(`${who}: a container without network (--network none) cannot be asked over it; use exec`);
  }
}

function expand<C extends PlannedStep | PlannedSidecar>(container: C, declared: ReadonlyMap<string, string>): C {
  const expandWord = (word: string): string => expandVariables(word, declared);
  return {
    ...container,
    env: [...declared].map(([name, value]) => ({ name, value })),
    envFrom: [],
    ...(container.command !== undefined && { command: container.command.map(expandWord) }),
    args: container.args.map(expandWord),
    mounts: container.mounts.map((mount) => (mount.subPathExpr === undefined ? mount : { ...mount, subPath: subPathOf(mount, declared) })),
  };
}

/** The kubelet wants a value for each variable in it. */
function subPathOf({ mountPath, subPathExpr = '' }: PlannedMount, declared: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const subPath = expandVariables(subPathExpr, declared, (name) => missing.add(name));
  if (missing.size > 0)
    throw new ContainerConfigError(`mount ${mountPath}: subPathExpr: missing value for ${[...missing].sort().join(', ')}`);
  if (subPath.startsWith('/'))
    throw new ContainerConfigError(`mount ${mountPath}: error SubPath \`${subPath}\` must not be an absolute path`);
  return subPath;
}

function attempt<T>(run: () => T): { readonly value?: T; readonly error?: ContainerConfigError } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof ContainerConfigError) return { error };
    throw error;
  }
}
