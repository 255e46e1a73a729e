import type { CallNode, CelNode, LiteralNode } from '../../../expressions/cel/ast.ts';
import { tektonTriggersEnvironment } from '../../../expressions/cel/tekton/environment.ts';
import { type CelSite, celFinding, quoted, textOf } from '../cel/cel-site.ts';
import type { Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';
import { eventsText, type PayloadPlace } from './payload-place.ts';
import type { Shape } from './read-payloads.ts';

/** What CEL takes a part of the payload for. */
type Kind = 'string' | 'double' | 'bool' | 'list' | 'map';

const words: Readonly<Record<Kind, string>> = { string: 'a text', double: 'a number', bool: 'a boolean', list: 'a list', map: 'an object' };

type Places = readonly (PayloadPlace | undefined)[];

/** Calls that turn out the same for every event, by what kind of value stands at a place. `places` are those of target and arguments. */
export function checkComparison(site: CelSite, node: CallNode, places: Places): readonly Finding[] {
  const [left, right] = node.args;
  switch (node.name) {
    case '_==_':
    case '_!=_':
      return [...checkEquality(site, node, left, places[1]), ...checkEquality(site, node, right, places[0])];
    case '@in':
      if (right?.kind === 'list') return right.elements.flatMap((value) => checkEquality(site, node, value, places[0]));
      return checkMembership(site, node, left, places[1]);
    case '_+_':
      return checkConcatenation(site, node, places);
    default:
      return checkReceiver(site, node, places[0]);
  }
}

function checkEquality(site: CelSite, node: CallNode, literal: CelNode | undefined, place: PayloadPlace | undefined): readonly Finding[] {
  if (literal?.kind !== 'literal' || place === undefined) return [];
  const kind = kindOf(place);
  const wanted = kindOfLiteral(literal);
  if (kind !== undefined && wanted !== undefined && kind !== wanted) {
    const message = `this is ${words[kind]} in ${eventsText(place.events)}, which never equals ${textOf(site, literal)}`;
    const suggestion = kind === 'double' || kind === 'bool' ? unquoted(literal) : undefined;
    return [celFinding(site, node, { severity: 'warning', code: 'github-value', message, suggestion })];
  }
  if (typeof literal.value !== 'string') return [];
  const wrong = wrongAction(literal.value, place) ?? wrongRef(literal.value, place);
  return wrong === undefined ? [] : [celFinding(site, literal, { severity: 'warning', code: 'github-value', ...wrong })];
}

function unquoted({ value }: LiteralNode): string | undefined {
  return typeof value === 'string' && /^(?:\d+|true|false)$/.test(value) ? value : undefined;
}

interface Wrong {
  readonly message: string;
  readonly suggestion?: string | undefined;
}

function wrongAction(value: string, { events, keys, shapes }: PayloadPlace): Wrong | undefined {
  if (keys.length !== 1 || keys[0] !== 'action') return undefined;
  const actions = [...shapes.keys()].map((name) => events.payloads.event(name)?.actions ?? []);
  if (actions.some((known) => known.length === 0 || known.includes(value))) return undefined;
  const meant = nearest(value, actions.flat());
  const message = `${eventsText({ ...events, names: [...shapes.keys()] })} never come with action ${quoted(value)}`;
  return { message: actions.length === 1 ? message.replace('come', 'comes') : message, suggestion: meant && quoted(meant) };
}

/** In a push `ref` is a full one, in other events a branch's name. */
function wrongRef(value: string, { events, keys }: PayloadPlace): Wrong | undefined {
  if (keys.length !== 1 || keys[0] !== 'ref' || events.names.some((name) => name !== 'push') || value.startsWith('refs/')) return undefined;
  return { message: "the ref of GitHub's push event begins with refs/", suggestion: quoted(`refs/heads/${value}`) };
}

/** `'bug' in body.issue.labels`: the labels are objects. */
function checkMembership(site: CelSite, node: CallNode, literal: CelNode | undefined, list: PayloadPlace | undefined): readonly Finding[] {
  if (literal?.kind !== 'literal' || list === undefined || kindOf(list) !== 'list') return [];
  const elements = [...list.shapes.values()].flatMap((shape) => (shape.kind === 'list' ? shape.element : []));
  const kind = commonKind(elements);
  const wanted = kindOfLiteral(literal);
  if (kind === undefined || wanted === undefined || kind === wanted) return [];
  const listText = textOf(site, node.args[1] ?? node);
  const named = elements.every((shape) => shape.kind === 'object' && shape.names.includes('name'));
  return [
    celFinding(site, node, {
      severity: 'warning',
      code: 'github-value',
      message: `the elements of ${listText} are ${words[kind].replace(/^an? /, '')}s: ${textOf(site, literal)} is never among them`,
      suggestion: named ? `${listText}.exists(x, x.name == ${textOf(site, literal)})` : undefined,
    }),
  ];
}

function checkConcatenation(site: CelSite, node: CallNode, places: Places): readonly Finding[] {
  const kinds = node.args.map((argument, index) => (argument.kind === 'literal' ? kindOfLiteral(argument) : kindOf(places[index])));
  const other = kinds.findIndex((kind) => kind === 'double' || kind === 'bool');
  const argument = node.args[other];
  const kind = kinds[other];
  if (!kinds.includes('string') || argument === undefined || kind === undefined || places[other] === undefined) return [];
  const message = `${words[kind]} cannot be added to a text: this always fails`;
  const suggestion = `string(${textOf(site, argument)})`;
  return [celFinding(site, argument, { severity: 'warning', code: 'github-value', message, suggestion })];
}

/** A function of texts on a number or a list, and the like. */
function checkReceiver(site: CelSite, node: CallNode, place: PayloadPlace | undefined): readonly Finding[] {
  const kind = node.target === undefined ? undefined : kindOf(place);
  const members = (tektonTriggersEnvironment.functions.get(node.name) ?? []).filter(({ member }) => member);
  if (kind === undefined || place === undefined || members.length === 0) return [];
  const receivers = members.map(({ parameters }) => parameters[0]?.kind);
  if (receivers.some((receiver) => receiver === kind || receiver === 'dyn' || receiver === 'variable')) return [];
  const message = `${node.name} is not for ${words[kind]}, which this is in ${eventsText(place.events)}: it always fails`;
  return [celFinding(site, node.target ?? node, { severity: 'warning', code: 'github-value', message })];
}

function kindOf(place: PayloadPlace | undefined): Kind | undefined {
  return place && commonKind([...place.shapes.values()]);
}

/** The kind of all of them, where it is one. */
function commonKind(shapes: readonly Shape[]): Kind | undefined {
  const kinds = new Set(shapes.map(kindOfShape));
  const [only] = kinds;
  return kinds.size === 1 ? only : undefined;
}

function kindOfShape(shape: Shape): Kind | undefined {
  if (shape.kind === 'list') return 'list';
  if (shape.kind === 'object') return 'map';
  if (shape.kind === 'any') return undefined;
  return { text: 'string' as const, number: 'double' as const, boolean: 'bool' as const, unknown: undefined }[shape.type];
}

function kindOfLiteral({ value }: LiteralNode): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'double';
    default:
      return undefined;
  }
}
