import { type CelNode, walk } from '../../expressions/cel/ast.ts';
import { isVariable, placeOf } from './filter-conditions.ts';

/** What senders choose. */
const given = ['body', 'header', 'requestURL'] as const;

/**
 * Whether a filter can only be true where the sender has told a secret: everywhere on the way to true something of the event is compared with
 * one (`compareSecret`) that the filter names itself. `a || compareSecret(…)` does not demand it, nor does a secret the sender may choose.
 */
export function demandsSecret(filter: CelNode): boolean {
  if (filter.kind !== 'call') return false;
  const { name, args } = filter;
  switch (name) {
    case '_&&_':
      return args.some(demandsSecret);
    case '_||_':
      return args.every(demandsSecret);
    case '_?_:_': {
      const [condition, whenTrue, whenFalse] = args;
      if (condition === undefined || whenTrue === undefined || whenFalse === undefined) return false;
      return (demandsSecret(condition) || demandsSecret(whenTrue)) && (isFalse(whenFalse) || demandsSecret(whenFalse));
    }
    case 'compareSecret':
      return args.every(({ kind }) => kind === 'literal') && isGiven(filter.target);
    default:
      return false;
  }
}

/** Headers that are compared with a secret as they are, so that whoever reads the header knows the secret. */
export function headersOfSecrets(expression: CelNode): readonly string[] {
  const names = new Set<string>();
  walk(expression, (node) => {
    if (node.kind !== 'call' || node.name !== 'compareSecret') return;
    const place = placeOf(node.target);
    const name = place?.root === 'header' ? place.path[0] : undefined;
    if (name !== undefined) names.add(name);
  });
  return [...names];
}

function isFalse(node: CelNode): boolean {
  return node.kind === 'literal' && node.value === false;
}

function isGiven(node: CelNode | undefined): boolean {
  let found = false;
  if (node !== undefined) walk(node, (part) => (found ||= given.some((variable) => isVariable(part, variable))));
  return found;
}
