export interface CommentLine {
  readonly line: string;
  /** What it stands in, when that is something people do not read as written. */
  readonly hidden?: Hiding | undefined;
}

type Hiding = 'a code block' | 'an HTML comment' | 'an HTML block';

/** Something that swallows lines until its end. */
interface Block {
  readonly what: Hiding;
  /** Whether this line is its last. */
  readonly ends: (line: string) => boolean;
}

/**
 * A comment's lines, and which of them are code or hidden: CommonMark's fenced code (in list items too), HTML comments, and HTML blocks whose
 * text is code. Where Markdown is in doubt, or a block is never closed, lines count as hidden.
 */
export function visibleLines(comment: string): readonly CommentLine[] {
  let block: Block | undefined;
  return comment.split(/\r\n|\n|\r/).map((line) => {
    const inside = block ?? opened(line);
    // The line that opens a block does not close it.
    block = block?.ends(line) === true ? undefined : inside;
    return { line, hidden: inside?.what };
  });
}

/** What tells the beginning of a block is at the beginning of a line; a longer one is prose, whatever it begins with. */
const LONGEST_OPENING = 1_000;

function opened(line: string): Block | undefined {
  return fence(line.slice(0, LONGEST_OPENING)) ?? htmlComment(line) ?? htmlBlock(line);
}

function fence(line: string): Block | undefined {
  const [, prefix, marks, info] = /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (prefix === undefined || marks === undefined || (marks.startsWith('`') && info?.includes('`'))) return undefined;
  // What is indented further than this is text within the block.
  const deepest = prefix.length + 3;
  return {
    what: 'a code block',
    ends: (last) => {
      const [, indent = '', closing = ''] = /^( *)(`{3,}|~{3,})[ \t]*$/.exec(last) ?? [];
      return indent.length <= deepest && closing.startsWith(marks);
    },
  };
}

/** Also one that begins within a line: its text is not shown either. */
function htmlComment(line: string): Block | undefined {
  const start = line.lastIndexOf('<!--');
  if (start < 0 || line.includes('-->', start)) return undefined;
  return { what: 'an HTML comment', ends: (last) => last.includes('-->') };
}

function htmlBlock(line: string): Block | undefined {
  const ends = (last: string) => /<\/(?:pre|script|style|textarea)>/i.test(last);
  return /^ {0,3}<(?:pre|script|style|textarea)(?:[\s>]|$)/i.test(line) && !ends(line) ? { what: 'an HTML block', ends } : undefined;
}
