/**
 * What `$(...)` stands for in one place: every spelling of a variable (without `$(` and `)`) and its value.
 * Each param is registered under `params.N`, `params["N"]` and `params['N']`; arrays also under `<spelling>[i]`
 * for each index, in `strings`; object keys as `params.N.KEY`, in `strings`.
 */
export interface Replacements {
  readonly strings: ReadonlyMap<string, string>;
  readonly arrays: ReadonlyMap<string, readonly string[]>;
  readonly objects: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export const noReplacements: Replacements = { strings: new Map(), arrays: new Map(), objects: new Map() };
