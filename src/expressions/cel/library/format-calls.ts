import { type CallNode, type CelNode, childrenOf, type ListNode, walk } from '../ast.ts';
import type { RawIssue } from '../error.ts';
import { Failure } from '../failure.ts';
import { formatType, type Type } from '../types.ts';
import { type ClauseLetter, canFormat, outOfRange, readClause, refusal } from './format-clause.ts';

type TypeOf = (node: CelNode) => Type;

/** Calls of `format` with a literal template and a list literal are checked before anything is evaluated, as cel-go does. */
export function checkFormatCalls(ast: CelNode, typeOf: TypeOf): readonly RawIssue[] {
  const issues: RawIssue[] = [];
  walk(ast, (node) => {
    if (node.kind !== 'call' || node.name !== 'format' || node.target?.kind !== 'literal') return;
    const { value: template } = node.target;
    const [list, ...others] = node.args;
    if (typeof template !== 'string' || list?.kind !== 'list' || others.length > 0) return;
    const issue = checkCall(node, template, list, typeOf);
    if (issue) issues.push(issue);
  });
  return issues;
}

function checkCall(call: CallNode, template: string, { elements }: ListNode, typeOf: TypeOf): RawIssue | undefined {
  let used = 0;
  for (let percent = template.indexOf('%'); percent >= 0; ) {
    if (template.startsWith('%%', percent)) {
      percent = template.indexOf('%', percent + 2);
      continue;
    }
    const argument = elements[used];
    const clause = !argument && percent + 1 < template.length ? outOfRange(used) : readClause(template, percent + 1);
    if (clause instanceof Failure) return { code: clause.code, message: clause.message, offset: call.at };
    const wrong = argument && unfit(clause.letter, argument, typeOf);
    if (wrong) return { code: 'InvalidArgument', message: refusal(clause.letter, typeName(typeOf(wrong))), offset: wrong.at };
    used += 1;
    percent = template.indexOf('%', clause.end);
  }
  if (elements.length === used) return undefined;
  const message = `too many arguments supplied to string.format (expected ${used}, got ${elements.length})`;
  return { code: 'InvalidArgument', message, offset: call.at };
}

/** The argument, or the part of a literal, that the clause cannot be used on. */
function unfit(letter: ClauseLetter, node: CelNode, typeOf: TypeOf): CelNode | undefined {
  const type = typeOf(node);
  const { kind } = type.kind === 'wrapper' ? type.of : type;
  if (kind !== 'dyn' && !canFormat(letter, kind)) return node;
  if (letter !== 's' || (node.kind !== 'list' && node.kind !== 'map')) return undefined;
  for (const child of childrenOf(node)) {
    const wrong = unfit(letter, child, typeOf);
    if (wrong) return wrong;
  }
  return undefined;
}

/** What `type(value)` is called at run time. */
function typeName(type: Type): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'message':
    case 'wrapper':
      return formatType(type.kind === 'wrapper' ? type.of : type);
    default:
      return type.kind;
  }
}
