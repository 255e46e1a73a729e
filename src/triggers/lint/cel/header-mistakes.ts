import { type CallNode, type CelNode, walk } from '../../../expressions/cel/ast.ts';
import { check } from '../../../expressions/cel/checker.ts';
import type { CelEnvironment } from '../../../expressions/cel/environment.ts';
import { readType } from '../../../expressions/cel/signature.ts';
import { tektonTriggersEnvironment } from '../../../expressions/cel/tekton/environment.ts';
import { canonicalHeader } from '../../../expressions/jsonpath/canonical-header.ts';
import type { Finding } from '../finding.ts';
import { type CelSite, celFinding, quoted, textOf } from './cel-site.ts';

/** The same names, `header` being what it is at run time; upstream declares its values `dyn`, so that its checker lets these mistakes pass. */
const exactHeaders: CelEnvironment = {
  ...tektonTriggersEnvironment,
  variables: new Map([...tektonTriggersEnvironment.variables, ['header', readType('map(string, list(string))')]]),
};

/** Headers looked up under names no header has, taken for texts though they are lists, or asked of something that holds no headers. */
export function findHeaderMistakes(site: CelSite, ast: CelNode): readonly Finding[] {
  const findings: Finding[] = [];
  let uses = false;
  walk(ast, (node) => {
    uses ||= isHeader(node);
    const name = nameLookedUp(node);
    if (name !== undefined) findings.push(...wrongName(site, node, name));
    if (node.kind === 'call' && (node.name === 'match' || node.name === 'canonical')) findings.push(...wrongReceiver(site, node));
  });
  return uses ? [...findings, ...findListsAsTexts(site, ast)] : findings;
}

function isHeader(node: CelNode | undefined): boolean {
  return node?.kind === 'ident' && node.name === 'header';
}

/** `header['x']`, `header.x`, `'x' in header`. */
function nameLookedUp(node: CelNode): string | undefined {
  if (node.kind === 'select') return isHeader(node.operand) ? node.field : undefined;
  if (node.kind !== 'call') return undefined;
  const [first, second] = node.args;
  const name = node.name === '_[_]' && isHeader(first) ? second : node.name === '@in' && isHeader(second) ? first : undefined;
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : undefined;
}

function wrongName(site: CelSite, node: CelNode, name: string): readonly Finding[] {
  const canonical = canonicalHeader(name);
  if (canonical === name) return [];
  const message = `no event has a header ${quoted(name)}: names are kept in canonical form`;
  return [celFinding(site, node, { severity: 'error', code: 'header-name', message, suggestion: rewritten(node, canonical) })];
}

function rewritten(node: CelNode, canonical: string): string {
  if (node.kind === 'call' && node.name === '@in') return `${quoted(canonical)} in header`;
  // `has()` takes a selection, and a selection no dash.
  if (node.kind === 'select' && node.test) return canonical.includes('-') ? `${quoted(canonical)} in header` : `has(header.${canonical})`;
  return `header[${quoted(canonical)}]`;
}

function wrongReceiver(site: CelSite, node: CallNode): readonly Finding[] {
  let root = node.target;
  while (root?.kind === 'select') root = root.operand;
  if (root?.kind !== 'ident' || (root.name !== 'body' && root.name !== 'extensions')) return [];
  const args = node.args.map((argument) => textOf(site, argument)).join(', ');
  const message = `${node.name} is for headers, ${textOf(site, node.target ?? node)} has none: this always fails`;
  return [celFinding(site, node, { severity: 'error', code: 'header-receiver', message, suggestion: `header.${node.name}(${args})` })];
}

/** Calls that get a list and want one text: comparing gives `false` for every event, calling a text's function fails. */
function findListsAsTexts(site: CelSite, ast: CelNode): readonly Finding[] {
  const offsets = new Set(check(ast, exactHeaders).issues.map(({ offset }) => offset));
  const findings: Finding[] = [];
  walk(ast, (node) => {
    if (node.kind !== 'call' || node.name === '_?_:_' || !offsets.has(node.at)) return;
    const operands = node.target === undefined ? node.args : [node.target, ...node.args];
    const list = operands.find((operand) => nameLookedUp(operand) !== undefined && operand.kind !== 'literal');
    const name = list && nameLookedUp(list);
    if (list === undefined || name === undefined || (list.kind === 'call' && list.name === '@in')) return;
    const message = `a header's values are a list of texts, so that this ${node.name.startsWith('_') || node.name === '@in' ? 'never compares as meant' : 'always fails'}`;
    const suggestion = `header.canonical(${quoted(canonicalHeader(name))})`;
    findings.push(celFinding(site, list, { severity: 'error', code: 'header-list', message, suggestion }));
  });
  return findings;
}
