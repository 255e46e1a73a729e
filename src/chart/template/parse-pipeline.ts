import type { Command, Operand, Pipeline } from './syntax.ts';

/** White space matters before a dot alone: `.a .b` are two operands, `.a.b` is one. */
const TOKEN = /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|:=|[=|(),]|\$\w*|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\w+|\.|\w+/y;

/** The code of an action, as a pipeline. Throws a plain Error; who calls knows the place. */
export function parsePipeline(code: string): Pipeline {
  const tokens = tokensOf(code);
  let at = 0;
  const pipeline = parse();
  if (at < tokens.length) throw new Error(`unexpected ${tokens[at]} in {{${code}}}`);
  return pipeline;

  function skipSpace(): void {
    while (tokens[at]?.trim() === '') at++;
  }

  function take(token: string): boolean {
    skipSpace();
    if (tokens[at] !== token) return false;
    at++;
    return true;
  }

  function parse(): Pipeline {
    const begin = at;
    const variables: string[] = [];
    do {
      skipSpace();
      const name = tokens[at];
      if (name === undefined || !/^\$\w+$/.test(name)) break;
      variables.push(name);
      at++;
    } while (take(','));
    const declares = variables.length > 0 && take(':=');
    const assigns = variables.length > 0 && !declares && take('=');
    if (!declares && !assigns) at = begin;
    const commands: Command[] = [];
    do commands.push(parseCommand());
    while (take('|'));
    return { variables: declares || assigns ? variables : [], assigns, commands };
  }

  function parseCommand(): Command {
    const operands: Operand[] = [];
    for (skipSpace(); ; skipSpace()) {
      const operand = parseOperand();
      if (operand === undefined) break;
      operands.push(operand);
    }
    const [first, ...others] = operands;
    if (first === undefined) throw new Error(`a value or a function is missing in {{${code}}}`);
    return [first, ...others];
  }

  function parseOperand(): Operand | undefined {
    const token = tokens[at];
    if (token === undefined || /^([)|,=]|:=)$/.test(token)) return undefined;
    at++;
    let operand = begin(token);
    for (let next = tokens[at]; next !== undefined && /^\.\w/.test(next); next = tokens[++at])
      operand = { type: 'field', of: operand, name: next.slice(1) };
    return operand;
  }

  function begin(token: string): Operand {
    if (token === '(') {
      const pipeline = parse();
      if (!take(')')) throw new Error(`expected ) in {{${code}}}`);
      return { type: 'pipeline', pipeline };
    }
    if (token === '.') return { type: 'dot' };
    if (token.startsWith('.')) return { type: 'field', of: { type: 'dot' }, name: token.slice(1) };
    if (token.startsWith('$')) return { type: 'variable', name: token };
    if (token.startsWith('`')) return { type: 'literal', value: token.slice(1, -1) };
    if (token.startsWith('"')) return { type: 'literal', value: unquote(token) };
    if (/^-?\d+$/.test(token)) return { type: 'literal', value: BigInt(token) };
    if (/^-?\d/.test(token)) return { type: 'literal', value: Number(token) };
    if (token === 'true' || token === 'false') return { type: 'literal', value: token === 'true' };
    return token === 'nil' ? { type: 'literal', value: null } : { type: 'function', name: token };
  }
}

function tokensOf(code: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < code.length) {
    const { lastIndex } = TOKEN;
    const token = TOKEN.exec(code)?.[0];
    if (token === undefined) throw new Error(`cannot read ${JSON.stringify(code.slice(lastIndex))} in {{${code}}}`);
    tokens.push(token);
  }
  return tokens;
}

/** Of Go's escapes those that JSON has. */
function unquote(token: string): string {
  const text: unknown = JSON.parse(token);
  return typeof text === 'string' ? text : token;
}
