import { forwardSearch } from './forward-search.ts';
import { goQuote } from './go-quote.ts';

/** One `$(<prefix>.V)`, `$(<prefix>["V"])` or `$(<prefix>['V'])`. */
export interface PrefixReference {
  /** `V` as written: `obj.key`, `list[*]`, `dotted.name`. */
  readonly text: string;
  readonly notation: 'dot' | 'bracket';
  readonly start: number;
  readonly end: number;
}

const notations = [
  { opens: '.', closes: ')', notation: 'dot' },
  { opens: '["', closes: '"])', notation: 'bracket' },
  { opens: "['", closes: "'])", notation: 'bracket' },
] as const;

/**
 * Every reference below `prefix` (`params`, `context.task`, `workspaces` …). Each ends at the first closing mark on its own line.
 * Source: pkg/substitution, braceMatchingRegex; validation only, substitution itself looks keys up whole.
 */
export function findReferences(text: string, prefix: string): readonly PrefixReference[] {
  const marker = `$(${prefix}`;
  let start = text.indexOf(marker);
  if (start < 0) return [];
  const nextLine = forwardSearch(text, '\n');
  const closers = notations.map((notation) => ({ ...notation, nextClose: forwardSearch(text, notation.closes) }));
  const found: PrefixReference[] = [];
  while (start >= 0) {
    const after = start + marker.length;
    const form = closers.find(({ opens }) => text.startsWith(opens, after));
    const from = after + (form?.opens.length ?? 0);
    const close = form === undefined ? -1 : form.nextClose(from);
    const line = nextLine(from);
    let next = after;
    if (form !== undefined && close >= 0 && (line < 0 || close < line)) {
      next = close + form.closes.length;
      found.push({ text: text.slice(from, close), notation: form.notation, start, end: next });
    }
    start = text.indexOf(marker, next);
  }
  return found;
}

/** `a[0]`, `a[*]` and `a[]` without their index. Upstream: TrimArrayIndex. */
export function withoutIndex(name: string): string {
  return name.replace(/\[[0-9]*\*?\]/g, '');
}

export type VariableNames = { readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly message: string };

/**
 * The variable each reference names: in dot notation the part before a dot (`obj` of `obj.key`), in brackets all of it.
 * More than one dot is an error with upstream's words.
 */
export function variableNames(text: string, prefix: string): VariableNames {
  const names: string[] = [];
  for (const reference of findReferences(text, prefix)) {
    const parts = reference.notation === 'dot' ? reference.text.split('.') : [reference.text];
    if (parts.length > 2) {
      const message = `Invalid referencing of parameters in "${text}"! Only two dot-separated components after the prefix "${prefix}" are allowed.`;
      return { ok: false, message };
    }
    names.push(parts[0] ?? '');
  }
  return { ok: true, names };
}

/** Primitive 1 of reference/pipelines.md 2.4: every variable must be among `known`. The message, or `undefined` when all is well. */
export function unknownVariable(text: string, prefix: string, known: ReadonlySet<string>): string | undefined {
  const found = variableNames(text, prefix);
  if (!found.ok) return found.message;
  return found.names.every((name) => known.has(withoutIndex(name))) ? undefined : `non-existent variable in ${goQuote(text)}`;
}

/** Like `unknownVariable`, naming the first unknown one. Upstream: ValidateNoReferencesToUnknownVariablesWithDetail. */
export function unknownVariableWithDetail(text: string, prefix: string, known: ReadonlySet<string>): string | undefined {
  const found = variableNames(text, prefix);
  if (!found.ok) return found.message;
  const unknown = found.names.map(withoutIndex).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `non-existent variable \`${unknown}\` in ${goQuote(text)}`;
}

/** Primitive 2: no reference to a whole array in a string field (`[0]` is fine). */
export function prohibitedVariable(text: string, prefix: string, prohibited: ReadonlySet<string>): string | undefined {
  const found = variableNames(text, prefix);
  if (!found.ok) return found.message;
  return found.names.some((name) => prohibited.has(withoutStar(name))) ? `variable type invalid in ${goQuote(text)}` : undefined;
}

/** Primitive 3: no reference to an entire object; `obj.key` is fine, `obj` and `obj[*]` are not. */
export function prohibitedEntireVariable(text: string, prefix: string, prohibited: ReadonlySet<string>): string | undefined {
  const offends = findReferences(text, prefix).some((reference) => prohibited.has(withoutStar(reference.text)));
  return offends ? `variable type invalid in ${goQuote(text)}` : undefined;
}

/** Primitive 4: an array in `command` or `args` must be the whole element. */
export function notIsolatedVariable(text: string, prefix: string, arrays: ReadonlySet<string>): string | undefined {
  const found = variableNames(text, prefix);
  if (!found.ok) return found.message;
  if (!found.names.some((name) => arrays.has(withoutStar(name)))) return undefined;
  const [first] = findReferences(text, prefix);
  return first !== undefined && first.end - first.start === text.length
    ? undefined
    : `variable is not properly isolated in ${goQuote(text)}`;
}

function withoutStar(name: string): string {
  return name.endsWith('[*]') ? name.slice(0, -3) : name;
}
