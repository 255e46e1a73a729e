import { type CelNode, walk } from '../../../expressions/cel/ast.ts';
import type { CelError, CelIssue } from '../../../expressions/cel/error.ts';
import { tokenize } from '../../../expressions/cel/lexer.ts';
import { defaultLimits } from '../../../expressions/cel/limits.ts';
import { parse } from '../../../expressions/cel/parser.ts';
import { tektonTriggersEnvironment } from '../../../expressions/cel/tekton/environment.ts';
import type { Finding, FindingCode } from '../finding.ts';
import { type CelSite, celFinding, type Span, textOf } from './cel-site.ts';
import { functionMeant, type Hint, macros, nameMeant } from './name-meant.ts';

/** Why an expression does not compile, each problem with the part it is about and what was probably meant. */
export function explainIssues(site: CelSite, error: CelError): readonly Finding[] {
  if (error.stage === 'parse') return error.issues.slice(0, 1).map((issue) => explainSyntax(site, issue));
  const parsed = parse(site.source, defaultLimits, { escapedFields: false });
  const ast = parsed.ok ? parsed.ast : undefined;
  const code = error.stage === 'check' ? 'cel-type' : 'cel-program';
  const misused = ast === undefined ? [] : misusedMacros(ast, error.issues);
  const findings = error.issues
    .filter(({ offset }) => !misused.some((call) => offset > call.at && offset < call.end))
    .map((issue) => explainIssue(site, issue, code, ast));
  // `header.X-A-B` is three undeclared names, but one mistake.
  return findings.filter(({ suggestion }, index) => {
    return suggestion === undefined || findings.findIndex((finding) => finding.suggestion === suggestion) === index;
  });
}

/** Macros with a wrong number of arguments: the variables in them are then unknown as well, which tells nobody anything. */
function misusedMacros(ast: CelNode, issues: readonly CelIssue[]): readonly CelNode[] {
  const found: CelNode[] = [];
  walk(ast, (node) => {
    if (node.kind === 'call' && macros.includes(node.name) && issues.some(({ offset }) => offset === node.at)) found.push(node);
  });
  return found;
}

const operatorsMeant: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['is', '=='],
  ['=', '=='],
  ['&', '&&'],
  ['|', '||'],
]);

function explainSyntax(site: CelSite, { message, offset }: CelIssue): Finding {
  const { source } = site;
  const span = tokenAt(source, offset);
  const word = textOf(site, span).trim();
  const meant = operatorsMeant.get(/^[=&|]/.test(word) ? word.charAt(0) : word);
  const doubled = source.startsWith('===', offset - 2) ? '==' : meant;
  const plain = source.trim() === '' ? 'the expression is empty' : message.replace('Syntax error: ', '').replace(/ expecting \{.*\}$/s, '');
  return celFinding(site, span, { severity: 'error', code: 'cel-syntax', message: plain, suggestion: doubled });
}

function tokenAt(source: string, offset: number): Span {
  const token = tokenize(source).tokens.find(({ start, end }) => start <= offset && offset < end);
  return token ?? { start: offset, end: Math.min(source.length, offset + 1) };
}

function explainIssue(site: CelSite, issue: CelIssue, code: FindingCode, ast: CelNode | undefined): Finding {
  // A constant that can never work: upstream does not say where it stands.
  const node = ast && (code === 'cel-program' && issue.offset === 0 ? undefined : nodeAt(ast, issue));
  const message = issue.message.replace(/ \(in container '[^']*'\)$/, '');
  const span = node === undefined ? { start: issue.offset, end: site.source.length } : spanOf(node);
  const undeclared = issue.code === 'UndeclaredReference';
  const hint: Hint = ast === undefined || node === undefined ? {} : hintFor(site, node, ast);
  return celFinding(site, span, {
    severity: 'error',
    code: undeclared ? 'cel-undeclared' : code,
    message: hint.remark === undefined ? message : `${message}: ${hint.remark}`,
    suggestion: hint.suggestion,
  });
}

function hintFor(site: CelSite, node: CelNode, ast: CelNode): Hint {
  if (node.kind === 'ident') return nameMeant(site, node, ast);
  return node.kind === 'call' ? functionMeant(site, node, tektonTriggersEnvironment) : {};
}

/** The innermost node that an issue at this offset can be about. */
function nodeAt(ast: CelNode, { offset, code }: CelIssue): CelNode | undefined {
  let found: CelNode | undefined;
  walk(ast, (node) => {
    const named = node.kind === 'ident' || node.kind === 'call' || node.kind === 'message';
    if (node.at === offset && (code !== 'UndeclaredReference' || named)) found = node;
  });
  return found;
}

/** Of a call of a function its name, of an operator the whole operation. */
function spanOf(node: CelNode): Span {
  const isFunction = node.kind === 'call' && /^[A-Za-z]/.test(node.name);
  return isFunction ? { start: node.at - node.name.length, end: node.at } : node;
}
