import type { Store } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import type { ResolutionRequest } from '../resources/resolution-request/schema.ts';
import type { RefSource } from '../resources/status.ts';
import type { EventRecorder } from './event-recorder.ts';
import { Recent } from './recent.ts';

/** What was asked for by a name that should lead to one thing for ever; ours. */
export const tagAnnotation = 'tappet.dev/tag';

const MOST_TAGS = 10_000;

/**
 * Remembers what each tag led to and tells the run that meets it elsewhere: a tag that moves is a mistake or an attack more often than not.
 * What it remembers is in the ResolutionRequests, so that a restarted server remembers as much as their runs are kept.
 */
export class TagWatch {
  readonly #store: Store;
  readonly #events: EventRecorder;
  /** By namespace and tag. */
  readonly #known = new Recent<{ readonly digest: string; readonly at: string }>(MOST_TAGS);

  constructor(options: { readonly store: Store; readonly events: EventRecorder }) {
    this.#store = options.store;
    this.#events = options.events;
  }

  /** A request that is done, as the informer shows it. */
  remember({ metadata, status }: Stored<ResolutionRequest>): void {
    const tag = status?.annotations?.[tagAnnotation];
    if (tag === undefined) return;
    const at = status?.conditions?.find(({ type }) => type === 'Succeeded')?.lastTransitionTime ?? '';
    this.#learn(`${metadata.namespace} ${tag}`, digestOf(status?.refSource), at);
  }

  /** What the tag led to before, if that was something else. */
  before({ metadata }: Stored<ResolutionRequest>, tag: string | undefined, refSource: RefSource): string | undefined {
    const known = tag === undefined ? undefined : this.#known.get(`${metadata.namespace} ${tag}`)?.digest;
    return known === digestOf(refSource) ? undefined : known;
  }

  /** Tells the run that asked. `before`: what the tag led to. */
  async tell({ metadata }: Stored<ResolutionRequest>, tag: string, before: string, refSource: RefSource): Promise<void> {
    const { namespace, ownerReferences } = metadata;
    const owner = ownerReferences?.find(({ controller }) => controller === true);
    const run = owner && (await this.#store.get({ kind: `tekton.dev/${owner.kind}`, namespace, name: owner.name }));
    if (run === undefined) return;
    const message = `${tag.slice(tag.indexOf(' ') + 1)} has moved: it led to ${before} and leads to ${digestOf(refSource)} now`;
    await this.#events.occurrence(run, { type: 'Warning', reason: 'TagMoved', message });
  }

  #learn(key: string, digest: string, at: string): void {
    const known = this.#known.get(key);
    if (digest === '' || (known !== undefined && known.at > at)) return;
    this.#known.set(key, { digest, at });
  }
}

/** `sha1:0123…` */
function digestOf(refSource: RefSource | undefined): string {
  const [entry] = Object.entries(refSource?.digest ?? {});
  return entry === undefined ? '' : entry.join(':');
}
