import type { ComprehensionNode } from './ast.ts';
import type { Compilation, Evaluate } from './compilation.ts';
import { Failure, locate, noSuchOverload, type Result } from './failure.ts';
import type { Frame } from './frame.ts';
import { sortByKeys } from './library/lists.ts';
import { spend, spendElements } from './limits.ts';
import { mapKeys } from './maps.ts';
import { type CelValue, isList, isMap } from './values.ts';

/** What one iteration came to: go on, or stop with this result. */
type Step = (frame: Frame, element: CelValue) => Result | undefined;

interface Loop {
  readonly step: Step;
  /** The result when every element was visited. */
  readonly finish: (frame: Frame) => Result;
}

export function compileComprehension(compilation: Compilation, node: ComprehensionNode): Evaluate {
  const range = compilation.node(node.range);
  const slot = compilation.newSlot(node);
  const predicate = node.predicate && compilation.node(node.predicate);
  const transform = node.transform && compilation.node(node.transform);
  const start = loopOf(node, predicate, transform);
  // An iteration can cost no more than its body has nodes, calls and inner loops account for themselves.
  const cost = 1 + (node.predicate?.size ?? 0) + (node.transform?.size ?? 0);
  return (frame) => {
    const value = range(frame);
    if (value instanceof Failure) return value;
    const elements = isList(value) ? value : isMap(value) ? mapKeys(value) : undefined;
    if (!elements) return locate(noSuchOverload(), node.range.at);
    const loop = start();
    for (const element of elements) {
      frame.slots[slot] = element;
      const stop = spend(frame, cost) ?? loop.step(frame, element);
      if (stop !== undefined) return stop;
    }
    return loop.finish(frame);
  };
}

function loopOf(node: ComprehensionNode, predicate: Evaluate | undefined, transform: Evaluate | undefined): () => Loop {
  const holds = predicate ?? (() => true);
  switch (node.macro) {
    case 'all':
      return () => quantifier(holds, false);
    case 'exists':
      return () => quantifier(holds, true);
    case 'exists_one':
      return () => exactlyOne(holds, node);
    case 'map':
      return () => collector(holds, transform, node);
    case 'filter':
      return () => collector(holds, undefined, node);
    case 'sortBy':
      return () => sorter(transform);
  }
}

/** `all` stops at false, `exists` at true; errors of other elements count only when nothing stops. */
function quantifier(holds: Evaluate, stopping: boolean): Loop {
  let failure: Failure | undefined;
  return {
    step: (frame) => {
      const value = holds(frame);
      if (value === stopping) return stopping;
      if (value === !stopping) return undefined;
      if (value instanceof Failure && value.fatal) return value;
      failure ??= value instanceof Failure ? value : noSuchOverload();
      return undefined;
    },
    finish: () => failure ?? !stopping,
  };
}

function exactlyOne(holds: Evaluate, node: ComprehensionNode): Loop {
  let count = 0;
  return {
    step: (frame) => {
      const value = holds(frame);
      if (typeof value !== 'boolean') return value instanceof Failure ? value : locate(noSuchOverload(), node.at);
      if (value) count += 1;
      return undefined;
    },
    finish: () => count === 1,
  };
}

function collector(holds: Evaluate, transform: Evaluate | undefined, node: ComprehensionNode): Loop {
  const collected: CelValue[] = [];
  return {
    step: (frame, element) => {
      const keep = holds(frame);
      if (typeof keep !== 'boolean') return keep instanceof Failure ? keep : locate(noSuchOverload(), node.at);
      if (!keep) return undefined;
      const value = transform ? transform(frame) : element;
      if (value instanceof Failure) return value;
      collected.push(value);
      return collected.length > frame.limits.maxElements ? spendElements(frame, collected.length) : undefined;
    },
    finish: () => collected,
  };
}

function sorter(keyOf: Evaluate | undefined): Loop {
  const elements: CelValue[] = [];
  const keys: CelValue[] = [];
  return {
    step: (frame, element) => {
      const key = keyOf ? keyOf(frame) : element;
      if (key instanceof Failure) return key;
      elements.push(element);
      keys.push(key);
      return undefined;
    },
    finish: (frame) => sortByKeys(elements, keys, frame),
  };
}
