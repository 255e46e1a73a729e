import { parsePipeline } from './parse-pipeline.ts';
import { type Piece, splitActions } from './split-actions.ts';
import { type Node, type Nodes, type Pipeline, TemplateError } from './syntax.ts';

export interface Template {
  /** The file's name. */
  readonly name: string;
  readonly body: Nodes;
  /** What it defines for others, by name. */
  readonly defines: ReadonlyMap<string, Nodes>;
}

/** Reads one file. Throws `TemplateError` with file and line. */
export function parseTemplate(name: string, text: string): Template {
  const pieces = splitActions(name, text);
  const defines = new Map<string, Nodes>();
  let at = 0;
  const body = parseNodes();
  const rest = pieces[at];
  if (rest?.type === 'action') throw new TemplateError(name, rest.line, `{{${rest.code}}} ends nothing`);
  return { name, body, defines };

  /** Up to an `end` or `else`, which stays. */
  function parseNodes(): Nodes {
    const nodes: Node[] = [];
    for (let piece = pieces[at]; piece !== undefined; piece = pieces[at]) {
      if (piece.type === 'text') nodes.push(piece);
      else if (/^\s*(end|else)\b/.test(piece.code)) break;
      else {
        const [, keyword = '', rest = ''] = /^\s*(if|with|range|define|template|block|break|continue)\b([\s\S]*)$/.exec(piece.code) ?? [];
        at++;
        if (keyword === 'if' || keyword === 'with' || keyword === 'range') nodes.push(parseBlock(keyword, rest, piece.line));
        else if (keyword === 'define') define(rest, piece.line);
        else if (keyword !== '') throw new TemplateError(name, piece.line, `"${keyword}" is not known here; use include, if and range`);
        else nodes.push({ type: 'action', pipeline: pipelineOf(piece.code, piece.line), line: piece.line });
        continue;
      }
      at++;
    }
    return nodes;
  }

  function parseBlock(type: 'if' | 'with' | 'range', code: string, line: number): Node {
    const pipeline = pipelineOf(code, line);
    const body = parseNodes();
    return { type, pipeline, body, otherwise: parseOtherwise(type, line), line };
  }

  /** What comes after a body: `end`, `else` with a body, or `else if`, which is a block of its own that shares the `end`. */
  function parseOtherwise(type: string, line: number): Nodes {
    const code = take(type, line);
    const [, chained, rest = ''] = /^\s*else\s+(if|with)\b([\s\S]*)$/.exec(code) ?? [];
    if (chained === 'if' || chained === 'with') return [parseBlock(chained, rest, line)];
    if (/^\s*end\s*$/.test(code)) return [];
    if (!/^\s*else\s*$/.test(code)) throw new TemplateError(name, line, `expected {{else}} or {{end}}, got {{${code}}}`);
    const otherwise = parseNodes();
    expectEnd(type, line);
    return otherwise;
  }

  function define(code: string, line: number): void {
    const defined = /^\s*"([^"\\]+)"\s*$/.exec(code)?.[1];
    if (defined === undefined) throw new TemplateError(name, line, `expected {{define "name"}}, got {{define${code}}}`);
    defines.set(defined, parseNodes());
    expectEnd('define', line);
  }

  function expectEnd(type: string, line: number): void {
    const code = take(type, line);
    if (!/^\s*end\s*$/.test(code)) throw new TemplateError(name, line, `expected {{end}} of this {{${type}}}, got {{${code}}}`);
  }

  function take(type: string, line: number): string {
    const piece: Piece | undefined = pieces[at++];
    if (piece?.type !== 'action') throw new TemplateError(name, line, `this {{${type}}} has no {{end}}`);
    return piece.code;
  }

  function pipelineOf(code: string, line: number): Pipeline {
    try {
      return parsePipeline(code);
    } catch (error) {
      throw new TemplateError(name, line, error instanceof Error ? error.message : String(error));
    }
  }
}
