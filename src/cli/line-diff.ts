export interface DiffLine {
  /** `…`: lines that are the same on both sides were left out. */
  readonly mark: ' ' | '-' | '+' | '…';
  readonly text: string;
}

/** Beyond this many pairs of lines it is not looked for what they have in common. */
const MOST_PAIRS = 4_000_000;

/** What became of `before` to be `after`, with some lines around each change. Empty when they are the same. */
export function lineDiff(before: readonly string[], after: readonly string[], context = 2): readonly DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  if (start === before.length && start === after.length) return [];
  const same = (text: string): DiffLine => ({ mark: ' ', text });
  const middle = changes(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return withoutSame([...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)], context);
}

/** By the longest common subsequence, what is taken away before what is put in its place. */
function changes(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const removed = (text: string): DiffLine => ({ mark: '-', text });
  const added = (text: string): DiffLine => ({ mark: '+', text });
  if (before.length * after.length > MOST_PAIRS) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      common[row * width + column] =
        before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [left, right] = [before[row], after[column]];
    if (left !== undefined && left === right) {
      lines.push({ mark: ' ', text: left });
      row++;
      column++;
    } else if (left !== undefined && (right === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(removed(left));
      row++;
    } else if (right !== undefined) {
      lines.push(added(right));
      column++;
    }
  }
  return lines;
}

function withoutSame(lines: readonly DiffLine[], context: number): readonly DiffLine[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - context), index + context + 1).some(({ mark }) => mark !== ' '));
  return lines.flatMap((line, index): readonly DiffLine[] => {
    if (near[index] === true) return [line];
    return index > 0 && near[index - 1] !== true ? [] : [{ mark: '…', text: '' }];
  });
}
