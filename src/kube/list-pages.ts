import type { KubeObject, Stored } from '../resources/object.ts';
import { type KubeClient, KubeError, type Query } from './kube-client.ts';

export interface Collection {
  readonly path: string;
  /** `labelSelector`, `fieldSelector`. */
  readonly query?: Query | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly impersonate?: string | undefined;
}

export interface Page<T extends KubeObject = KubeObject> {
  readonly items: readonly Stored<T>[];
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

const PAGE = 500;

interface List<T> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items?: readonly T[] | null;
}

/** One page of a collection. */
export async function listPage<T extends KubeObject>(client: KubeClient, collection: Collection, query: Query): Promise<Page<T>> {
  const { path, signal, impersonate } = collection;
  const { body } = await client.request<List<Stored<T>>>({
    method: 'GET',
    path,
    query: { ...collection.query, ...query },
    signal,
    impersonate,
  });
  const { apiVersion, kind = '', metadata = {}, items } = body;
  // The items of a list of a built-in kind do not say what they are.
  const named = (items ?? []).map((item) =>
    item.kind === undefined ? ({ ...item, apiVersion, kind: kind.replace(/List$/, '') } as Stored<T>) : item,
  );
  return {
    items: named,
    resourceVersion: metadata.resourceVersion ?? '',
    continue: metadata.continue === '' ? undefined : metadata.continue,
    remainingItemCount: metadata.remainingItemCount,
  };
}

/** The whole collection, page by page, as of one version. When the server no longer keeps that version between two pages, it begins again. */
export async function listAll<T extends KubeObject>(client: KubeClient, collection: Collection, exactly: Query = {}): Promise<Page<T>> {
  for (;;) {
    try {
      const items: Stored<T>[] = [];
      let next: string | undefined;
      let version = '';
      do {
        // The version is part of the token that asks for a later page.
        const page = await listPage<T>(client, collection, { limit: String(PAGE), continue: next, ...(next === undefined && exactly) });
        for (const item of page.items) items.push(item);
        version = page.resourceVersion;
        next = page.continue;
      } while (next !== undefined);
      return { items, resourceVersion: version };
    } catch (error) {
      const expired = error instanceof KubeError && error.code === 410;
      if (!expired || exactly['resourceVersion'] !== undefined) throw error;
    }
  }
}
