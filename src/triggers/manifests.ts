import type { BoundText } from '../expressions/jsonpath/binding-value.ts';
import type { KubeObject } from '../resources/object.ts';
import { objectName, type RunIdentity, runUid } from './object-name.ts';
import type { CompiledTemplate } from './template.ts';

/** What is stamped on every object an event creates. */
export interface Stamp extends RunIdentity {
  readonly listener: string;
  /** Name of the trigger; may be empty. */
  readonly triggerName: string;
  /** Of the trigger: where objects go that name no namespace. */
  readonly namespace: string;
}

export type Manifests = { readonly ok: true; readonly manifests: readonly KubeObject[] } | { readonly ok: false; readonly error: string };

/** The objects of one run, in the template's order, ready to be created: named, labelled, in their namespace. reference/triggers.md 5.3, 5.4. */
export function renderManifests(template: CompiledTemplate, params: ReadonlyMap<string, BoundText>, stamp: Stamp): Manifests {
  const values = { params, uid: () => runUid(stamp) };
  const manifests: KubeObject[] = [];
  for (const [index, render] of template.resources.entries()) {
    const finished = finish(render(values), stamp, index);
    if (typeof finished === 'string') return { ok: false, error: `resourcetemplates[${index}]: ${finished}` };
    manifests.push(finished);
  }
  return { ok: true, manifests };
}

/** Kinds without namespace that a template may well create; of kinds we do not know, all are taken to have one. */
const clusterScoped: ReadonlySet<string> = new Set([
  'Namespace',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTriggerBinding',
  'ClusterInterceptor',
]);

type Fields = Readonly<Record<string, unknown>>;

/** The object, or what is wrong with it. */
function finish(object: unknown, stamp: Stamp, index: number): KubeObject | string {
  if (!isFields(object)) return 'rendered something that is no object';
  const { apiVersion, kind, metadata: given } = object;
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'missing field(s): apiVersion';
  if (typeof kind !== 'string' || kind === '') return 'missing field(s): kind';
  if (given !== undefined && !isFields(given)) return 'metadata is no object';
  const metadata = given ?? {};
  const labels = stampLabels(metadata['labels'], stamp);
  if (typeof labels === 'string') return labels;
  const name = nameOf(metadata, stamp, index);
  if (name === undefined) return 'missing field(s): metadata.name or metadata.generateName';
  const namespace = metadata['namespace'] || stamp.namespace;
  if (typeof namespace !== 'string') return 'metadata.namespace is no string';
  const place = clusterScoped.has(kind) ? {} : { namespace };
  return { ...object, apiVersion, kind, metadata: { ...metadata, name, ...place, labels } };
}

function nameOf(metadata: Fields, stamp: Stamp, index: number): string | undefined {
  const { name, generateName } = metadata;
  if (typeof name === 'string' && name !== '') return name;
  return typeof generateName === 'string' && generateName !== '' ? objectName(generateName, stamp, index) : undefined;
}

function stampLabels(given: unknown, stamp: Stamp): Readonly<Record<string, string>> | string {
  if (given !== undefined && given !== null && !isFields(given)) return 'metadata.labels is no object';
  const labels = new Map<string, string>();
  for (const [key, value] of Object.entries(given ?? {})) {
    if (typeof value !== 'string') return `metadata.labels[${key}] is no string, but ${JSON.stringify(value)}: put it in quotes`;
    labels.set(key, value);
  }
  labels.set('triggers.tekton.dev/eventlistener', stamp.listener);
  labels.set('triggers.tekton.dev/trigger', stamp.triggerName);
  labels.set('triggers.tekton.dev/triggers-eventid', stamp.eventId);
  return Object.fromEntries(labels);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
