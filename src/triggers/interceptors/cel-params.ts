import { type ReadParams, readParams } from './params.ts';

export interface CelParams {
  /** Empty: everything passes. */
  readonly filter: string;
  readonly overlays: readonly { readonly key: string; readonly expression: string }[];
}

export function readCelParams(params: ReadonlyMap<string, unknown>): ReadParams<CelParams> {
  return readParams(params, (fields) => ({
    filter: fields.string('filter') ?? '',
    overlays: (fields.structs('overlays') ?? []).map((overlay) => ({
      key: overlay.string('key') ?? '',
      expression: overlay.string('expression') ?? '',
    })),
  }));
}
