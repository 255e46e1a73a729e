import type { Param } from './params.ts';

/** Params as resolvers read them: texts by name, the last of a name wins. One that is a list or a map is the empty text, as upstream has it. */
export function paramTexts(params: readonly Param[]): ReadonlyMap<string, string> {
  return new Map(params.map(({ name, value }) => [name, typeof value === 'string' ? value : '']));
}
