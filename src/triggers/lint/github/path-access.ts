import type { PathNode } from '../../../expressions/jsonpath/path-node.ts';
import type { EventScope } from './event-scope.ts';
import { bodyOf, element, type PayloadPlace, type PlaceKey, stepInto } from './payload-place.ts';

export interface PathProblem {
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** The key that is not there, for finding it in the text. */
  readonly key?: string | undefined;
}

/** What a binding's path asks of GitHub's payloads that no event that may come has. `nodes` begin behind `body`. */
export function findPathAccess(nodes: readonly PathNode[], events: EventScope): readonly PathProblem[] {
  const body = bodyOf(events);
  const problems: PathProblem[] = [];
  if (body !== undefined) follow(nodes, body);
  return problems;

  function follow(path: readonly PathNode[], from: PayloadPlace): void {
    let place: PayloadPlace | undefined = from;
    for (const node of path) {
      if (place === undefined) return;
      place = next(node, place);
    }
  }

  /** `undefined`: not followed any further. */
  function next(node: PathNode, place: PayloadPlace): PayloadPlace | undefined {
    switch (node.type) {
      case 'field':
        return step(place, node.name);
      case 'slice':
        return step(place, element);
      case 'wildcard':
        return [...place.shapes.values()].every(({ kind }) => kind === 'list') ? step(place, element) : undefined;
      case 'filter': {
        const inner = step(place, element);
        if (inner !== undefined) for (const side of [node.left, node.right]) follow(side, inner);
        return inner;
      }
      case 'union':
        for (const path of node.paths) follow(path, place);
        return undefined;
      default:
        return undefined;
    }
  }

  function step(place: PayloadPlace, key: PlaceKey): PayloadPlace | undefined {
    const result = stepInto(place, key);
    if (result.ok) return result.place;
    problems.push({ message: result.message, suggestion: result.suggestion, key: typeof key === 'string' ? key : undefined });
    return undefined;
  }
}
