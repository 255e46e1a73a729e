import type { ChangeType } from '../../ports/store.ts';
import type { GroupKind, Stored } from '../../resources/object.ts';
import { matchesLabels } from '../selectors/label-selector.ts';
import type { ChangeHistory } from '../shared/change-feed.ts';
import type { ScanScope } from '../shared/object-store.ts';
import type { ObjectTable, RecordedChange } from '../shared/object-table.ts';
import { ChangeRetention } from './change-retention.ts';
import { demandedLabel, demandedText, type IndexedLabel, indexedLabels } from './label-index.ts';
import { ObjectCache } from './object-cache.ts';
import { SharedTexts } from './shared-texts.ts';
import type { SqlDatabase, SqlRow } from './sql-database.ts';

export interface ObjectRowsOptions {
  readonly keepChanges: number;
  readonly keepBytes: number;
  readonly cacheBytes: number;
}

/** As many rows as one page of an API client. */
const SCAN_CHUNK = 512;

/** The shared rules' table over the rows of `migrations.ts`. Writes happen inside a transaction of the caller. */
export class ObjectRows implements ObjectTable, ChangeHistory {
  readonly #database: SqlDatabase;
  readonly #cache: ObjectCache;
  readonly #retention: ChangeRetention;
  readonly #texts = new SharedTexts();
  #version: number;
  /** What the transaction under way has recorded. */
  #recorded: RecordedChange[] = [];

  constructor(database: SqlDatabase, options: ObjectRowsOptions) {
    this.#database = database;
    this.#cache = new ObjectCache(options.cacheBytes);
    this.#version = Number(database.row('SELECT coalesce(max(version), 0) FROM versions')?.[0]);
    this.#retention = new ChangeRetention(database, options);
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  find(kind: GroupKind, namespace: string, name: string): Stored | undefined {
    // Names come from URLs; no object has a NUL in its, and text with one cannot be bound.
    if (namespace.includes('\0') || name.includes('\0')) return undefined;
    const key = cacheKey(kind, namespace, name);
    const cached = this.#cache.find(key);
    if (cached !== undefined) return cached;
    const row = this.#database.row('SELECT version FROM objects WHERE kind = ? AND namespace = ? AND name = ?', [kind, namespace, name]);
    return row && this.#loadCurrent(Number(row[0]), key);
  }

  dependents(ownerUid: string): readonly Stored[] {
    return this.#database
      .rows(
        'SELECT o.version FROM owners JOIN objects o USING (kind, namespace, name) WHERE owner_uid = ? ORDER BY owners.kind, owners.namespace, owners.name',
        [ownerUid],
      )
      .map(([version]) => this.#load(Number(version)));
  }

  nextVersion(): number {
    return this.#version + 1;
  }

  record(change: RecordedChange): void {
    const { version, type, kind, object, previous } = change;
    const { namespace = '', name, labels, ownerReferences } = object.metadata;
    const replaced = previous === undefined ? null : Number(previous.metadata.resourceVersion);
    const json = this.#texts.of(object, previous);
    this.#database.run('INSERT INTO versions (version, kind, type, previous, bytes, object) VALUES (?, ?, ?, ?, ?, ?)', [
      version,
      kind,
      type,
      replaced,
      json.length,
      json,
    ]);
    const key = [kind, namespace, name];
    const labelText = labels === undefined ? null : JSON.stringify(labels);
    if (type === 'ADDED') {
      this.#database.run('INSERT INTO objects (kind, namespace, name, version, labels) VALUES (?, ?, ?, ?, ?)', [
        ...key,
        version,
        labelText,
      ]);
    } else if (type === 'MODIFIED') {
      this.#database.run('UPDATE objects SET version = ?, labels = ? WHERE kind = ? AND namespace = ? AND name = ?', [
        version,
        labelText,
        ...key,
      ]);
    } else {
      this.#database.run('DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?', key);
    }
    const gone = type === 'DELETED';
    // Versions of an object share what they have in common, so unchanged parts are identical.
    if (gone || labels !== previous?.metadata.labels) this.#index(key, previous?.metadata.labels, gone ? undefined : labels);
    if (gone || ownerReferences !== previous?.metadata.ownerReferences) {
      this.#own(key, previous?.metadata.ownerReferences ?? [], gone ? [] : (ownerReferences ?? []));
    }
    if (replaced !== null) this.#cache.delete(replaced);
    if (!gone) {
      this.#cache.set(version, object, json.length);
      this.#cache.setCurrent(version, cacheKey(kind, namespace, name));
    }
    this.#version = version;
    this.#recorded.push({ ...change, bytes: json.length });
    this.#retention.add(json.length);
  }

  /** Belongs to the end of every transaction. */
  compact(): void {
    this.#retention.compact();
  }

  /** After a commit: what it changed, in order. */
  takeRecorded(): readonly RecordedChange[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  rolledBack(): void {
    this.#version -= this.#recorded.length;
    this.#recorded = [];
    this.#cache.clear();
    this.#retention.reload();
  }

  *scan(kind: GroupKind, scope: ScanScope): Iterable<Stored> {
    if (scope.namespace?.includes('\0')) return;
    const indexed = demandedLabel(scope.labels);
    const text = demandedText(scope.labels);
    let { namespace: afterNamespace, name: afterName } = scope.after ?? { namespace: '', name: '' };
    for (;;) {
      const rows = this.#chunk(kind, scope.namespace, indexed, text, afterNamespace, afterName);
      for (const [namespace, name, version, labels] of rows) {
        if (scope.labels.length > 0 && !matchesLabels(scope.labels, parseLabels(labels))) continue;
        yield this.#loadCurrent(Number(version), cacheKey(kind, String(namespace), String(name)));
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < SCAN_CHUNK) return;
      afterNamespace = String(last[0]);
      afterName = String(last[1]);
    }
  }

  count(kind: GroupKind, namespace: string | undefined): number {
    const row =
      namespace === undefined
        ? this.#database.row('SELECT count(*) FROM objects WHERE kind = ?', [kind])
        : this.#database.row('SELECT count(*) FROM objects WHERE kind = ? AND namespace = ?', [kind, namespace]);
    return Number(row?.[0]);
  }

  read(
    kind: GroupKind,
    after: number,
    limit: number,
  ): { readonly changes: readonly RecordedChange[]; readonly through: number } | undefined {
    if (after < this.#retention.horizon) return undefined;
    const rows = this.#database.rows(
      'SELECT version, type, previous FROM versions WHERE version > ? AND kind = ? ORDER BY version LIMIT ?',
      [after, kind, limit],
    );
    const changes = rows.map(
      ([version, type, previous]): RecordedChange => ({
        version: Number(version),
        type: type as ChangeType,
        kind,
        object: this.#load(Number(version)),
        previous: previous === null ? undefined : this.#load(Number(previous)),
      }),
    );
    return { changes, through: rows.length < limit ? this.#version : (changes.at(-1)?.version ?? this.#version) };
  }

  /** In the order of namespace and name, after the given one, which a primary key alone answers. */
  #chunk(
    kind: GroupKind,
    namespace: string | undefined,
    label: IndexedLabel | undefined,
    text: string,
    afterNamespace: string,
    afterName: string,
  ): readonly SqlRow[] {
    const source = label === undefined ? 'objects k' : 'labels k JOIN objects o USING (kind, namespace, name)';
    const columns = label === undefined ? 'k.namespace, k.name, k.version, k.labels' : 'k.namespace, k.name, o.version, o.labels';
    const byLabel = label === undefined ? '' : 'k.key = ? AND k.value = ? AND ';
    const byText = text === '' || label !== undefined ? '' : 'instr(k.labels, ?) > 0 AND ';
    const range = namespace === undefined ? '(k.namespace, k.name) > (?, ?)' : 'k.namespace = ? AND k.name > ?';
    // A position in an earlier namespace than the one asked for lies before all of it; in a later one, after all of it.
    if (namespace !== undefined && afterNamespace > namespace) return [];
    const start = namespace === undefined ? [afterNamespace, afterName] : [namespace, afterNamespace === namespace ? afterName : ''];
    return this.#database.rows(
      `SELECT ${columns} FROM ${source} WHERE ${byLabel}${byText}k.kind = ? AND ${range} ORDER BY k.namespace, k.name LIMIT ?`,
      [...(label === undefined ? [] : [label.key, label.value]), ...(byText === '' ? [] : [text]), kind, ...start, SCAN_CHUNK],
    );
  }

  #loadCurrent(version: number, key: string): Stored {
    const object = this.#load(version);
    this.#cache.setCurrent(version, key);
    return object;
  }

  #load(version: number): Stored {
    const cached = this.#cache.get(version);
    if (cached !== undefined) return cached;
    const json = this.#database.row('SELECT object FROM versions WHERE version = ?', [version])?.[0];
    if (typeof json !== 'string') throw new Error(`version ${version} is missing from the table versions`);
    const object = freezeDeep(JSON.parse(json)) as Stored;
    this.#cache.set(version, object, json.length);
    return object;
  }

  #index(key: readonly string[], before: Stored['metadata']['labels'], now: Stored['metadata']['labels']): void {
    const [kind = '', namespace = '', name = ''] = key;
    for (const label of indexedLabels(before)) {
      this.#database.run('DELETE FROM labels WHERE key = ? AND value = ? AND kind = ? AND namespace = ? AND name = ?', [
        label.key,
        label.value,
        kind,
        namespace,
        name,
      ]);
    }
    for (const label of indexedLabels(now)) {
      this.#database.run('INSERT INTO labels (key, value, kind, namespace, name) VALUES (?, ?, ?, ?, ?)', [
        label.key,
        label.value,
        kind,
        namespace,
        name,
      ]);
    }
  }

  #own(key: readonly string[], before: readonly { readonly uid: string }[], now: readonly { readonly uid: string }[]): void {
    const [kind = '', namespace = '', name = ''] = key;
    for (const { uid } of before) {
      this.#database.run('DELETE FROM owners WHERE owner_uid = ? AND kind = ? AND namespace = ? AND name = ?', [
        uid,
        kind,
        namespace,
        name,
      ]);
    }
    for (const { uid } of now) {
      this.#database.run('INSERT OR IGNORE INTO owners (owner_uid, kind, namespace, name) VALUES (?, ?, ?, ?)', [
        uid,
        kind,
        namespace,
        name,
      ]);
    }
  }
}

/** None of the three holds a NUL. */
function cacheKey(kind: GroupKind, namespace: string, name: string): string {
  return `${kind}\0${namespace}\0${name}`;
}

function parseLabels(text: unknown): Record<string, string> | undefined {
  return typeof text === 'string' ? (JSON.parse(text) as Record<string, string>) : undefined;
}

/** What was stored was settled, so its depth is bounded. */
function freezeDeep(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) freezeDeep(child);
    Object.freeze(value);
  }
  return value;
}
