/** Fitting text into a terminal: how many columns it takes, cutting, wrapping. Text is taken as printable: no escapes. */

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and fullwidth, and what terminals draw as emoji. */
const TWO_COLUMNS =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Terminal columns of a text. */
export function widthOf(text: string): number {
  let width = 0;
  for (const point of text) width += widthOfPoint(point);
  return width;
}

function widthOfPoint(point: string): number {
  if (point <= '~') return 1;
  if (NO_WIDTH.test(point)) return 0;
  return TWO_COLUMNS.test(point) ? 2 : 1;
}

/** Cut to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let room = width - 1;
  for (const point of text) {
    room -= widthOfPoint(point);
    if (room < 0) break;
    kept += point;
  }
  return width < 1 ? '' : `${kept}…`;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Breaks at spaces so that no line is wider; a word that is wider than a line is broken where it must be. Line breaks of the text stay. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  let first = true;
  for (const word of line.split(' ')) {
    const next = first ? word : `${current} ${word}`;
    first = false;
    if (widthOf(next) <= width) {
      current = next;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trimEnd());
    current = word;
    while (widthOf(current) > width) {
      const head = firstColumns(current, width);
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return [...lines, current];
}

function firstColumns(text: string, width: number): string {
  let kept = '';
  let room = width;
  for (const point of text) {
    room -= widthOfPoint(point);
    // A first point that is wider than the line is taken all the same: else there would be no end.
    if (room < 0 && kept !== '') break;
    kept += point;
  }
  return kept;
}

const LEAST_BESIDE_LABEL = 20;

/** `label` and a text beside it that wraps below its own beginning; where the label leaves no room for that, below the label's. */
export function hang(label: string, text: string, width: number): string[] {
  const room = width - widthOf(label);
  if (room < LEAST_BESIDE_LABEL) return wrap(label + text, width);
  const indent = ' '.repeat(widthOf(label));
  const lines = Number.isFinite(room) ? wrap(text, room) : text.split('\n');
  return lines.map((line, index) => `${index === 0 ? label : indent}${line}`);
}
