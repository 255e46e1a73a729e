import { extensionsInValue } from '../bindings/lint-bound.ts';
import type { Finding } from '../finding.ts';
import type { LintedChain } from '../lint-chain.ts';
import { overlayNames } from './lint-overlays.ts';

/** Overlays of a trigger that nothing asks for: no interceptor behind them, and none of the values bound. */
export function findUnusedOverlays(chain: LintedChain, values: readonly string[]): readonly Finding[] {
  const used = new Set<string>();
  for (const { uses, all } of chain.uses) {
    if (all) return [];
    for (const { name } of uses) used.add(name);
  }
  for (const value of values) {
    const names = extensionsInValue(value);
    if (names === 'all') return [];
    for (const name of names) used.add(name);
  }
  if (chain.tellsOthers) return [];
  return chain.overlays.flatMap((overlay): readonly Finding[] => {
    const { key, path } = overlay;
    const names = overlayNames([overlay]);
    // Of `extensions.x` it is told that it is not where it is looked for.
    if (names.length === 0 || names.some((name) => name === 'extensions' || used.has(name))) return [];
    const message = `nothing asks for the extension ${key}`;
    return [{ severity: 'warning', code: 'overlay-unused', path: `${path}.key`, message }];
  });
}
