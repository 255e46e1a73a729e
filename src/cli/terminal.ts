/** What the terminal can do, and the few colours we use. Plain text when piped or when NO_COLOR is set. */
export interface Terminal {
  readonly interactive: boolean;
  readonly width: number;
  paint(colour: Colour, text: string): string;
}

export type Colour = 'green' | 'red' | 'yellow' | 'blue' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, string>> = { green: '32', red: '31', yellow: '33', blue: '36', dim: '2', bold: '1' };

export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const interactive = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  const colours = interactive && (process.env['NO_COLOR'] ?? '') === '';
  return {
    interactive,
    get width() {
      return stream.columns ?? 80;
    },
    paint: (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
  };
}

/** Control characters of foreign text (titles, params, messages) must not reach the terminal: they could rewrite it. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Cut to a width, with an ellipsis. Counts code points. */
export function cut(text: string, width: number): string {
  const points = [...text];
  return points.length <= width ? text : `${points.slice(0, Math.max(0, width - 1)).join('')}…`;
}
