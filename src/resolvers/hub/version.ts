/** A version as hashicorp/go-version reads it: numbers and dots, a prerelease, metadata that does not count. */
export interface Version {
  /** At least three. */
  readonly segments: readonly number[];
  /** How many were written. */
  readonly written: number;
  readonly prerelease: string;
  readonly metadata: string;
}

type Check = (version: Version, constraint: Version) => boolean;

const VERSION = String.raw`v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)|-?([A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*))?(?:\+([0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*))?`;
const whole = new RegExp(`^${VERSION}$`);
const constraint = new RegExp(String.raw`^\s*(<=|>=|!=|~>|<|>|=|)\s*(${VERSION})\s*$`);
const LONGEST = 200;

export function parseVersion(text: string): Version | undefined {
  const [, numbers, prerelease, letters, metadata = ''] = (text.length <= LONGEST ? whole.exec(text) : null) ?? [];
  if (numbers === undefined) return undefined;
  const segments = numbers.split('.').map(Number);
  const written = segments.length;
  while (segments.length < 3) segments.push(0);
  return segments.every(Number.isSafeInteger) ? { segments, written, prerelease: prerelease ?? letters ?? '', metadata } : undefined;
}

/** Three numbers at least: `0.6` is `0.6.0`. */
export function formatVersion({ segments, prerelease, metadata }: Version): string {
  return `${segments.join('.')}${prerelease && `-${prerelease}`}${metadata && `+${metadata}`}`;
}

/** Negative, zero or positive. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = (a.segments[index] ?? 0) - (b.segments[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

/**
 * `>= 0.7.0, < 1.0`: what a version has to satisfy; a plain version means that one. `undefined` for what is no constraint.
 * Follows github.com/hashicorp/go-version constraint.go.
 */
export function parseConstraint(text: string): ((version: Version) => boolean) | undefined {
  if (text.length > LONGEST) return undefined;
  const parts = text.split(',').map((part) => {
    const [, operator = '', version = ''] = constraint.exec(part) ?? [];
    const parsed = parseVersion(version);
    const check = checks.get(operator);
    return parsed === undefined || check === undefined ? undefined : (candidate: Version) => check(candidate, parsed);
  });
  return parts.every((part) => part !== undefined) ? (candidate) => parts.every((part) => part(candidate)) : undefined;
}

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['', (v, c) => compareVersions(v, c) === 0],
  ['=', (v, c) => compareVersions(v, c) === 0],
  ['!=', (v, c) => compareVersions(v, c) !== 0],
  ['>', (v, c) => comparable(v, c) && compareVersions(v, c) > 0],
  ['<', (v, c) => comparable(v, c) && compareVersions(v, c) < 0],
  ['>=', (v, c) => comparable(v, c) && compareVersions(v, c) >= 0],
  ['<=', (v, c) => comparable(v, c) && compareVersions(v, c) <= 0],
  ['~>', pessimistic],
]);

/** A prerelease answers only to a constraint that names one of the same version. */
function comparable(version: Version, { segments, prerelease }: Version): boolean {
  if (version.prerelease === '') return true;
  return prerelease !== '' && compareVersions({ ...version, prerelease: '' }, { ...version, segments, prerelease: '' }) === 0;
}

/** The last number that is written may grow, those before it may not. */
function pessimistic(version: Version, wanted: Version): boolean {
  if (!comparable(version, wanted) || (wanted.prerelease !== '' && version.prerelease === '')) return false;
  if (compareVersions(version, wanted) < 0 || wanted.segments.length > version.segments.length) return false;
  const fixed = wanted.segments.slice(0, wanted.written - 1);
  if (fixed.some((segment, index) => version.segments[index] !== segment)) return false;
  const last = wanted.segments.length - 1;
  return (wanted.segments[last] ?? 0) <= (version.segments[last] ?? 0);
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  // None is newer than any.
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = comparePart(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [a, b].map((part) => (/^[-+]?[0-9]+$/.test(part) ? Number(part) : undefined));
  // Where one has no more parts, the kind of the other's decides: a number is newer, a word is older.
  if (a === '') return right === undefined ? 1 : -1;
  if (b === '') return left === undefined ? -1 : 1;
  if (left !== undefined && right !== undefined) return left - right;
  if (left !== undefined || right !== undefined) return left === undefined ? 1 : -1;
  return a > b ? 1 : -1;
}
