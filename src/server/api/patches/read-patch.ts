import type { Request } from 'express';
import type { Stored } from '../../../resources/object.ts';
import { ApiError, badRequest } from '../api-error.ts';
import { readJson, readJsonList, readYaml } from '../json-request.ts';
import { applyJsonPatch, JsonPatchError } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch, StrategicPatchError } from './strategic-merge-patch.ts';

export const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

type Fields = Readonly<Record<string, unknown>>;

export type Patch =
  | { readonly type: typeof APPLY; readonly config: Fields }
  | {
      readonly type: 'change';
      /** The resourceVersion the patch itself names: it then means that version and no later one. */
      readonly version: string | undefined;
      applyTo(current: Stored): Fields;
    };

/** The patch in a request's body, by its media type. `strategic`: whether the kind is one of Kubernetes' own, whose lists have keys. */
export async function readPatch(request: Request, strategic: boolean): Promise<Patch> {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  switch (mediaType) {
    case JSON_PATCH: {
      const operations = await readJsonList(request);
      return { type: 'change', version: undefined, applyTo: (current) => patched(current, (object) => applyJsonPatch(object, operations)) };
    }
    case MERGE: {
      const patch = await bodyOf(request, MERGE);
      return {
        type: 'change',
        version: versionIn(patch),
        applyTo: (current) => patched(current, (object) => applyMergePatch(object, patch)),
      };
    }
    case STRATEGIC: {
      if (!strategic) break;
      const patch = await bodyOf(request, STRATEGIC);
      return {
        type: 'change',
        version: versionIn(patch),
        applyTo: (current) => patched(current, (object) => applyStrategicMergePatch(object, patch)),
      };
    }
    case APPLY:
      return { type: APPLY, config: await readYaml(request) };
  }
  const supported = [JSON_PATCH, MERGE, ...(strategic ? [STRATEGIC] : []), APPLY];
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`,
  );
}

async function bodyOf(request: Request, mediaType: string): Promise<Fields> {
  const body = await readJson(request, [mediaType]);
  if (body === undefined) throw badRequest('the request has no body; send the patch');
  return body;
}

function patched(current: Stored, change: (object: Stored) => unknown): Fields {
  try {
    const object = change(current);
    if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object as Fields;
    throw badRequest('the patch leaves no object');
  } catch (error) {
    if (error instanceof JsonPatchError) {
      throw error.malformed
        ? badRequest(error.message)
        : new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${error.message}`);
    }
    if (error instanceof StrategicPatchError) throw badRequest(error.message);
    throw error;
  }
}

function versionIn(patch: Fields): string | undefined {
  const metadata = patch['metadata'];
  const version = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'resourceVersion') : undefined;
  return typeof version === 'string' && version !== '' ? version : undefined;
}
