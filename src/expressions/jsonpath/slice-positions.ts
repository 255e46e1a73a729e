import type { SliceNode } from './path-node.ts';

export type SlicePositions =
  | { readonly ok: true; readonly start: number; readonly end: number; readonly step: number }
  | { readonly ok: false; readonly error: string };

/**
 * Where a slice lies in a list of that length. Nothing is clamped: an end behind the list is an error. An empty range is always fine.
 */
export function slicePositions(node: SliceNode, length: number): SlicePositions {
  let start = node.start ?? 0;
  if (start < 0) start += length;
  let end = node.end ?? length;
  if (end < 0 || (end === 0 && node.single)) end += length;
  if (start === end) return { ok: true, start, end, step: 1 };
  if (start >= length || start < 0) return failed(`array index out of bounds: index ${start}, length ${length}`);
  if (end > length || end < 0) return failed(`array index out of bounds: index ${end - 1}, length ${length}`);
  if (start > end) return failed(`starting index ${start} is greater than ending index ${end}`);
  if (node.step !== undefined && node.step <= 0) return failed('step must be > 0');
  return { ok: true, start, end, step: node.step ?? 1 };
}

function failed(error: string): SlicePositions {
  return { ok: false, error };
}
