import type { CelProgram } from '../../../expressions/cel/program.ts';
import { parsePath } from '../../interceptors/set-path.ts';
import type { Finding } from '../finding.ts';

/** An overlay whose expression compiles. */
export interface LintedOverlay {
  readonly key: string;
  /** Of the overlay. */
  readonly path: string;
  readonly program?: CelProgram | undefined;
}

/** What is in an overlay's key, and what kind of value cannot be an extension. */
export function lintOverlays(overlays: readonly LintedOverlay[]): readonly Finding[] {
  const keys = overlays.map(({ key }) => key);
  return overlays.flatMap(({ key, path, program }, index) => [
    ...keyFindings(key, `${path}.key`),
    ...overwritten(key, keys.slice(index + 1), `${path}.key`),
    ...typeFindings(program, `${path}.expression`),
  ]);
}

/** The top-level keys of the extensions that the overlays set. */
export function overlayNames(overlays: readonly Pick<LintedOverlay, 'key'>[]): readonly string[] {
  return overlays.flatMap(({ key }) => (key === '' ? [] : (parsePath(key)?.[0]?.key ?? [])));
}

function keyFindings(key: string, path: string): readonly Finding[] {
  if (key === '') return [{ severity: 'error', code: 'overlay-key', path, message: 'the key is empty: the interceptor always fails' }];
  const special = /(?<!\\)[*?|#]/.exec(key)?.[0];
  if (parsePath(key) === undefined) {
    const message = `a key with ${special} in it sets nothing, silently`;
    return [{ severity: 'warning', code: 'overlay-key', path, message, suggestion: key.replace(/(?<!\\)([*?|#])/g, '\\$1') }];
  }
  if (!key.startsWith('extensions.')) return [];
  const message = `overlays are below extensions already: this is $(extensions.${key}) in bindings`;
  return [{ severity: 'warning', code: 'overlay-key', path, message, suggestion: key.slice('extensions.'.length) }];
}

function overwritten(key: string, later: readonly string[], path: string): readonly Finding[] {
  const over = later.find((other) => other === key || other.startsWith(`${key}.`) || key.startsWith(`${other}.`));
  if (key === '' || over === undefined) return [];
  // `a.b` and `a.c` go together; `a` and `a.b` only where the first is an object, which a later one may not know.
  const how = over === key ? 'the same key comes again' : `${over} comes later`;
  return [{ severity: 'warning', code: 'overlay-key', path, message: `${how}, and may take the place of this value` }];
}

const notJson: ReadonlySet<string> = new Set(['null', 'uint', 'timestamp', 'duration']);

function typeFindings(program: CelProgram | undefined, path: string): readonly Finding[] {
  if (program === undefined) return [];
  const { resultType, source } = program;
  if (!notJson.has(resultType) && !resultType.startsWith('type(')) return [];
  const message = `a value of type ${resultType} cannot be an extension: the interceptor always fails`;
  const suggestion = resultType === 'null' ? undefined : resultType === 'uint' ? `int(${source})` : `string(${source})`;
  return [{ severity: 'error', code: 'overlay-type', path, message, suggestion, excerpt: { source, offset: 0, length: source.length } }];
}
