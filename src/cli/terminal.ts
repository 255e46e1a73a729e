/** What an output stream can do, and the few colours we use. Plain text when piped or when NO_COLOR is set. */
export interface Terminal {
  /** A person is watching: things may be redrawn, and lines must fit. */
  readonly interactive: boolean;
  /** Columns; unlimited when nobody is watching. */
  readonly width: number;
  readonly height: number;
  paint(colour: Colour, text: string): string;
  /** What a step wrote, made fit for this terminal. */
  output(line: string): string;
}

export type Colour = 'green' | 'red' | 'yellow' | 'blue' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, string>> = { green: '32', red: '31', yellow: '33', blue: '36', dim: '2', bold: '1' };

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>;

export function terminalOf(stream: Stream, environment: NodeJS.ProcessEnv = process.env): Terminal {
  const interactive = stream.isTTY === true && environment['TERM'] !== 'dumb';
  const colours = interactive && (environment['NO_COLOR'] ?? '') === '';
  return {
    interactive,
    get width() {
      return interactive ? stream.columns || 80 : Number.POSITIVE_INFINITY;
    },
    get height() {
      return interactive ? stream.rows || 24 : Number.POSITIVE_INFINITY;
    },
    paint: (colour, text) => (colours && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
    output: (line) => (interactive ? stepOutput(line, colours) : line),
  };
}

/**
 * Control characters of foreign text (titles, params, messages) must not reach the terminal: they could rewrite it. Nor may characters that
 * turn the direction of writing: they make text read as what it is not.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd').replaceAll('\t', '  ');
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*[\r\n\u2028\u2029]\s*/g, ' '));
}

/** Colour and weight are the only escapes a step's output keeps. */
const COLOUR_ESCAPE = /\u001b\[[0-9;:]*m/g;
/** Others whole, so that no half of them is left: CSI; OSC, DCS and the like up to their terminator; two-character ones. */
const OTHER_ESCAPE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

/** A line of a step's output as plain text, for a place that shows only its gist. */
export function plainOutput(line: string): string {
  return stepOutput(line, false);
}

function stepOutput(line: string, colours: boolean): string {
  // A progress bar writes over its line: its last state counts.
  const complete = line.replace(/\r+$/, '');
  const shown = complete.slice(complete.lastIndexOf('\r') + 1);
  const pieces = shown.split(COLOUR_ESCAPE);
  const escapes = colours ? (shown.match(COLOUR_ESCAPE) ?? []) : [];
  const text = pieces.map((piece, index) => printable(piece.replace(OTHER_ESCAPE, '')) + (escapes[index] ?? '')).join('');
  return escapes.length > 0 ? `${text}\u001b[0m` : text;
}
