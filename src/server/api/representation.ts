import type { Request } from 'express';
import type { Clock } from '../../ports/clock.ts';
import { inVersion } from '../../resources/in-version.ts';
import { groupKindOf, type Stored } from '../../resources/object.ts';
import { printerColumns } from '../../resources/printer-columns.ts';
import { apiVersionOf } from '../../resources/registry.ts';
import { ApiError } from './api-error.ts';
import { queryText } from './query.ts';
import type { ResourcePath } from './resource-path.ts';

/** What a client wants to see of objects: as they are, in an older version, as rows to print, or their metadata alone. */
export type Form = 'object' | 'older' | 'table' | 'metadata';

type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface Representation {
  readonly form: Form;
  one(object: Stored): unknown;
  list(
    list: { readonly apiVersion: string; readonly kind: string; readonly metadata: Readonly<Record<string, unknown>> },
    kind: string,
    items: readonly Stored[],
  ): unknown;
  /** For watches: rows say what their columns are only once. */
  next(object: Stored): unknown;
}

const META = 'meta.k8s.io/v1';

/** By the `Accept` header: the first form in it that is served; in the version that the path names. */
export function representationFor(request: Request, clock: Clock, { type, apiVersion }: ResourcePath): Representation {
  const asked = formOf(request.headers.accept);
  const form = asked === 'object' && apiVersion !== apiVersionOf(type) ? 'older' : asked;
  const older = (object: Stored): Stored => inVersion(object, apiVersion);
  switch (form) {
    case 'older':
      return { form, one: older, list: (list, _kind, items) => ({ ...list, apiVersion, items: items.map(older) }), next: older };
    case 'object':
      return { form, one: (object) => object, list: (list, _kind, items) => ({ ...list, items }), next: (object) => object };
    case 'metadata':
      return {
        form,
        one: metadataAlone,
        list: ({ metadata }, _kind, items) => ({
          kind: 'PartialObjectMetadataList',
          apiVersion: META,
          metadata,
          items: items.map(metadataAlone),
        }),
        next: metadataAlone,
      };
    case 'table': {
      const include = includeObject(queryText(request.query['includeObject']));
      const now = clock.now();
      let told = false;
      return {
        form,
        one: (object) => table(groupKindOf(object), [object], { resourceVersion: object.metadata.resourceVersion }, include, now),
        list: ({ metadata }, kind, items) => table(kind, items, metadata, include, now),
        next: (object) => {
          const kind = groupKindOf(object);
          const whole = table(kind, [object], { resourceVersion: object.metadata.resourceVersion }, include, clock.now());
          const shown = told ? { ...whole, columnDefinitions: null } : whole;
          told = true;
          return shown;
        },
      };
    }
  }
}

function formOf(accept: string | undefined): Exclude<Form, 'older'> {
  if (accept === undefined || accept === '') return 'object';
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    if (!parameters.includes('v=v1')) continue;
    if (as === 'table') return 'table';
    if (as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist') return 'metadata';
  }
  throw new ApiError(406, 'NotAcceptable', `only application/json is served, also as Table or PartialObjectMetadata; asked for: ${accept}`);
}

function includeObject(asked: string | undefined): IncludeObject {
  if (asked === undefined || asked === 'Metadata') return 'Metadata';
  if (asked === 'None' || asked === 'Object') return asked;
  throw new ApiError(400, 'BadRequest', `invalid includeObject ${JSON.stringify(asked)}: use None, Metadata or Object`);
}

function metadataAlone({ metadata }: Stored): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: META, metadata };
}

function table(
  kind: string,
  items: readonly Stored[],
  metadata: Readonly<Record<string, unknown>>,
  include: IncludeObject,
  now: number,
): Record<string, unknown> {
  const columns = printerColumns(kind);
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: columns.map(({ name, type, format = '', description, priority = 0 }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: items.map((object) => ({
      cells: columns.map((column) => column.value(object, now) ?? null),
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : metadataAlone(object) }),
    })),
  };
}
