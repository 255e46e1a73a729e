import type { KubeClient } from '../../kube/kube-client.ts';
import { listWatch } from '../../kube/list-watch.ts';
import { troubleOf } from '../../kube/trouble.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LogOptions, PodMaterials, Runtime, RuntimeCapabilities } from '../../ports/runtime.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import { credentialSecret } from './credential-secret.ts';
import { KnownLimitRanges } from './known-limit-ranges.ts';
import { KnownPod } from './known-pod.ts';
import { STOPPED_DEADLINE_SECONDS } from './observation/observe-pod.ts';
import type { WirePod } from './observation/pod-status.ts';
import { buildPod, POD_UID_LABEL } from './pod/build-pod.ts';
import { NODE_GROUP_LABEL } from './pod/node-group.ts';
import type { ImageCommand, PodSettings } from './pod/pod-settings.ts';
import { PodRequests } from './pod-requests.ts';
import { ResultsReader } from './results-reader.ts';
import { type Obstacle, observeUnmade } from './unmade-pod.ts';

export type ImageLookup =
  | { readonly ok: true; readonly command: ImageCommand }
  | { readonly ok: false; readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'InvalidImageName'; readonly message: string };

export interface KubernetesRuntimeOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: PodSettings;
  /** What an image runs, for a step of this pod that does not say. */
  readonly lookUpImage: (image: string, plan: PodPlan) => Promise<ImageLookup>;
  /** Pods are in these only, and asked for in these only. Absent or empty: in any. */
  readonly namespaces?: readonly string[] | undefined;
}

/** A pod that could not be made is asked for again after this long; the longest pause is the one between looks at a full quota. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const TOLERATED_PULLS = 2;

interface Unmade {
  readonly plan: PodPlan;
  readonly materials: PodMaterials;
  obstacle?: Obstacle | undefined;
  attempts: number;
}

/**
 * Pods of a cluster. What runs is read from one watch over all pods with our label, so looking costs no request; a pod costs one to be made, and one more
 * to be stopped early. The cluster keeps everything, so there is nothing to recover.
 */
export class KubernetesRuntime implements Runtime {
  readonly name = 'kubernetes';
  readonly recordsPods = true;
  readonly capabilities: RuntimeCapabilities = { privatePaths: true, sidecars: true, runAsUser: true, resourceLimits: true };
  readonly #options: KubernetesRuntimeOptions;
  readonly #requests: PodRequests;
  readonly #limitRanges: KnownLimitRanges;
  readonly #results: ResultsReader;
  readonly #pods = new Map<string, KnownPod>();
  /** Accepted, and not in the cluster. */
  readonly #unmade = new Map<string, Unmade>();
  /** What there was to see of pods that are no more, until they are removed. */
  readonly #gone = new Map<string, PodObservation>();
  /** Pods that we have told to go. */
  readonly #stopped = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #listeners = new Set<(uid: string) => void>();
  readonly #closed = new AbortController();
  readonly #listed: Promise<void>;

  constructor(options: KubernetesRuntimeOptions) {
    this.#options = options;
    this.#requests = new PodRequests(options.client);
    const { clock, logger } = options;
    const onRead = (uid: string): void => {
      const known = this.#pods.get(uid);
      if (known !== undefined) this.#learn(known.pod);
    };
    this.#results = new ResultsReader({ requests: this.#requests, clock, logger, signal: this.#closed.signal, onRead });
    const { namespaces = [] } = options;
    this.#limitRanges = new KnownLimitRanges({ ...options, namespaces, signal: this.#closed.signal });
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const lists = scopes.map((namespace) => new Promise<void>((isListed) => void this.#follow(namespace, isListed)));
    this.#listed = Promise.all(lists).then(() => undefined);
  }

  async start(plan: PodPlan, materials: PodMaterials): Promise<void> {
    await this.#listed;
    const { uid } = plan;
    if (this.#pods.has(uid) || this.#unmade.has(uid) || this.#gone.has(uid)) return;
    const unmade: Unmade = { plan, materials, attempts: 0 };
    this.#unmade.set(uid, unmade);
    try {
      await this.#make(unmade);
    } catch (error) {
      // Whoever asked is told, and asks again.
      if (this.#unmade.get(uid) === unmade) this.#unmade.delete(uid);
      throw error;
    }
  }

  async observe(uid: string): Promise<PodObservation | undefined> {
    await this.#listed;
    const known = this.#pods.get(uid);
    if (known?.hasResultsToRead) this.#results.read(uid, known.pod);
    const seen = this.#gone.get(uid) ?? known?.observation;
    if (seen !== undefined) return seen;
    const unmade = this.#unmade.get(uid);
    return unmade && observeUnmade(unmade.plan, unmade.obstacle, this.#options.clock.now());
  }

  onChange(listener: (uid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async *logs(uid: string, container: string, { follow = false, signal }: LogOptions = {}): AsyncGenerator<Buffer> {
    await this.#listed;
    const ending = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
    if (follow) await this.#untilBegun(uid, container, ending);
    const known = this.#pods.get(uid);
    if (known === undefined || ending.aborted || !hasBegun(known, container)) return;
    const { namespace, name } = known.pod.metadata;
    try {
      for await (const chunk of this.#requests.log(namespace, name, container, follow, ending)) yield Buffer.from(chunk);
    } catch (error) {
      if (!ending.aborted) throw error;
    }
  }

  async stop(uid: string, { graceMs }: { readonly graceMs: number }): Promise<void> {
    await this.#listed;
    const unmade = this.#unmade.get(uid);
    if (unmade !== undefined) {
      this.#unmade.delete(uid);
      this.#gone.set(uid, observeUnmade(unmade.plan, { phase: 'Failed', reason: 'Cancelled', message: '' }, this.#options.clock.now()));
      this.#changed(uid);
    }
    const known = this.#pods.get(uid);
    if (known === undefined || known.hasEnded) return;
    const { namespace, name, uid: podUid } = known.pod.metadata;
    this.#stopped.add(uid);
    if (graceMs === 0 || !known.isBound)
      await this.#requests.delete(namespace, name, podUid, graceMs === 0 ? 1 : Math.ceil(graceMs / 1000));
    else if (!known.endsByItself) await this.#requests.setDeadline(namespace, name, STOPPED_DEADLINE_SECONDS);
    await this.#until(uid, () => this.#pods.get(uid)?.hasEnded !== false);
  }

  async list(): Promise<readonly string[]> {
    await this.#listed;
    return [...new Set([...this.#pods.keys(), ...this.#unmade.keys(), ...this.#gone.keys()])];
  }

  async remove(uid: string): Promise<void> {
    await this.#listed;
    const known = this.#pods.get(uid);
    if (this.#unmade.has(uid) || known?.hasEnded === false) throw new Error(`pod ${uid} has not ended; stop it before removing it`);
    this.#gone.delete(uid);
    if (known === undefined) return;
    const { namespace, name, uid: podUid } = known.pod.metadata;
    await this.#requests.delete(namespace, name, podUid, 0);
    // The watch may tell of it a few times more.
    this.#removed.add(podUid ?? '');
    this.#pods.delete(uid);
    this.#stopped.delete(uid);
    this.#results.forget(uid);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#closed.abort();
  }

  async #follow(namespace: string | undefined, isListed: () => void): Promise<void> {
    const { client, clock, logger } = this.#options;
    const query = { labelSelector: POD_UID_LABEL };
    const watching = troubleOf(logger, 'pods could not be watched, trying again');
    for await (const event of listWatch<KubeObject>(client, {
      path: namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
      query,
      clock,
      signal: this.#closed.signal,
      onTrouble: watching.met,
    })) {
      // A list alone proves nothing: the right to watch may be missing.
      if (event.type !== 'LISTED') watching.over();
      if (event.type === 'LISTED') {
        this.#learnAll(event.items as unknown as readonly WirePod[], namespace);
        isListed();
      } else if (event.type === 'DELETED') this.#forget(event.object as unknown as WirePod);
      else this.#learn(event.object as unknown as WirePod);
    }
  }

  #learnAll(items: readonly WirePod[], namespace: string | undefined): void {
    const present = new Set(items.map(uidOf));
    for (const pod of items) this.#learn(pod);
    for (const [uid, { pod }] of this.#pods)
      if (!present.has(uid) && (namespace === undefined || pod.metadata.namespace === namespace)) this.#forget(pod);
  }

  #learn(pod: WirePod): void {
    const uid = uidOf(pod);
    if (this.#removed.has(pod.metadata.uid ?? '')) return;
    const known = new KnownPod(pod, this.#stopped.has(uid), this.#results.of(uid));
    this.#unmade.delete(uid);
    this.#pods.set(uid, known);
    this.#changed(uid);
  }

  #forget(pod: WirePod): void {
    const uid = uidOf(pod);
    if (this.#removed.delete(pod.metadata.uid ?? '')) return;
    if (!this.#pods.delete(uid)) return;
    const stopped = this.#stopped.delete(uid);
    const results = this.#results.of(uid);
    this.#results.forget(uid);
    const known = new KnownPod(pod, stopped, results);
    // Preempted, drained or deleted before a step could do anything: whoever is told finds no pod, and starts one, as upstream does whatever has run.
    if (stopped || known.hasBegun) this.#gone.set(uid, known.afterDeletion(this.#options.clock.now(), stopped));
    this.#changed(uid);
  }

  #changed(uid: string): void {
    for (const listener of this.#listeners) listener(uid);
  }

  async #make(unmade: Unmade): Promise<void> {
    const { plan } = unmade;
    const obstacle = await this.#create(unmade);
    if (obstacle === undefined || this.#unmade.get(plan.uid) !== unmade) return;
    unmade.obstacle = obstacle;
    if (obstacle.phase === 'Pending') this.#makeLater(unmade);
    else {
      this.#unmade.delete(plan.uid);
      this.#gone.set(plan.uid, observeUnmade(plan, obstacle, this.#options.clock.now()));
    }
    this.#changed(plan.uid);
  }

  #makeLater(unmade: Unmade): void {
    const { clock, logger } = this.#options;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** unmade.attempts++);
    clock.at(clock.now() + pause, () => {
      if (this.#closed.signal.aborted || this.#unmade.get(unmade.plan.uid) !== unmade) return;
      this.#make(unmade).catch((error: unknown) => {
        logger.warn('a pod could not be made; trying again', { pod: unmade.plan.uid, error });
        this.#makeLater(unmade);
      });
    });
  }

  /** `undefined`: the cluster has it. */
  async #create({ plan, materials: { credentials }, attempts }: Unmade): Promise<Obstacle | undefined> {
    const { settings, lookUpImage } = this.#options;
    const imageCommands = new Map<string, ImageCommand>();
    for (const { container, image, command, script } of plan.steps) {
      if (command !== undefined || script !== undefined) continue;
      const found = await lookUpImage(image, plan);
      if (!found.ok) return { phase: 'Pending', reason: pullReason(found.reason, attempts), message: found.message, container };
      imageCommands.set(container, found.command);
    }
    const ours = credentials === undefined || credentials.size === 0 ? undefined : credentialSecret(plan, credentials);
    if (ours !== undefined) await this.#requests.createSecret(plan.namespace, ours.secret);
    const limitRanges = await this.#limitRanges.of(plan.namespace);
    const lastNode = plan.nodeGroup && this.#lastNode(plan.namespace, plan.nodeGroup.name);
    const manifest = buildPod(plan, settings, { imageCommands, credentials: ours?.mounted, limitRanges, lastNode });
    const creation = await this.#requests.create(manifest, (known) => uidOf(known) === plan.uid);
    switch (creation.type) {
      case 'created':
        if (!this.#pods.has(plan.uid)) this.#learn(creation.pod);
        return undefined;
      case 'later':
        return { phase: 'Pending', reason: creation.reason, message: creation.message };
      case 'refused':
        return { phase: 'Failed', reason: creation.reason, message: creation.message };
    }
  }

  /** Of the pods of a group, where the one that started last is or was. */
  #lastNode(namespace: string, group: string): string | undefined {
    const pods = [...this.#pods.values()].map(({ pod }) => pod);
    const ofGroup = pods.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[NODE_GROUP_LABEL] === group);
    const byStart = ofGroup.sort((a, b) => (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? ''));
    return byStart.findLast(({ spec }) => spec?.nodeName !== undefined)?.spec?.nodeName;
  }

  #untilBegun(uid: string, container: string, signal: AbortSignal): Promise<void> {
    return this.#until(
      uid,
      () => {
        const known = this.#pods.get(uid);
        return (
          (known === undefined && !this.#unmade.has(uid)) || known?.hasEnded === true || (known !== undefined && hasBegun(known, container))
        );
      },
      signal,
    );
  }

  /** Resolves when it is so, or there is no more to be heard. */
  #until(uid: string, isSo: () => boolean, signal: AbortSignal = this.#closed.signal): Promise<void> {
    return new Promise((resolve) => {
      const stopListening = this.onChange((changed) => {
        if (changed === uid) look();
      });
      const end = (): void => {
        stopListening();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const look = (): void => {
        if (signal.aborted || isSo()) end();
      };
      signal.addEventListener('abort', end, { once: true });
      look();
    });
  }
}

/** As the kubelet has it: a pull that has failed a few times is one that backs off. */
function pullReason<R extends string>(reason: R, attempts: number): R | 'ImagePullBackOff' {
  return reason === 'ErrImagePull' && attempts >= TOLERATED_PULLS ? 'ImagePullBackOff' : reason;
}

function uidOf(pod: WirePod): string {
  return pod.metadata.labels?.[POD_UID_LABEL] ?? '';
}

/** Its container runs or has run, also where a step still waits for its turn in it. */
function hasBegun({ pod }: KnownPod, container: string): boolean {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const state = all.find(({ name }) => name === container)?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}
