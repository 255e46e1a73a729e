import ts from 'typescript';
import { anything, type EventDescription, mergeAll, nothing, type Shape, scalar } from './shape.ts';

/** Types nest without end where GitHub's description does; no payload does. */
const DEEPEST = 12;

/**
 * The payloads of GitHub's OpenAPI description, which `@octokit/webhooks` brings as a type: newer than the JSON schemas, less exact in places.
 * `file` declares `EventPayloadMap`, from an event's name to its payload.
 */
export function readTypeDefinitions(file: string): ReadonlyMap<string, EventDescription> {
  const program = ts.createProgram([file], {
    strict: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  const checker = program.getTypeChecker();
  const known = new Map<ts.Type, Shape>();

  const shapeOf = (type: ts.Type, depth: number): Shape => {
    if (depth > DEEPEST) return anything;
    const seen = known.get(type);
    if (seen !== undefined) return seen;
    const shape = readType(type, depth);
    known.set(type, shape);
    return shape;
  };

  const readType = (type: ts.Type, depth: number): Shape => {
    if (type.isUnion()) return mergeAll(type.types.map((part) => shapeOf(part, depth)));
    if (type.isIntersection() && type.types.some((part) => checker.isArrayLikeType(part))) {
      return mergeAll(type.types.map((part) => shapeOf(part, depth)));
    }
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return anything;
    if (type.flags & ts.TypeFlags.StringLike) return scalar('s');
    if (type.flags & ts.TypeFlags.NumberLike) return scalar('n');
    if (type.flags & ts.TypeFlags.BooleanLike) return scalar('b');
    if (checker.isArrayLikeType(type)) {
      const elements = checker.getTypeArguments(type as ts.TypeReference);
      return { ...nothing, elements: mergeAll(elements.map((element) => shapeOf(element, depth + 1))) };
    }
    return type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) ? readObject(type, depth) : nothing;
  };

  const readObject = (type: ts.Type, depth: number): Shape => {
    const values = type.getStringIndexType();
    const fields = new Map<string, Shape>();
    for (const property of checker.getPropertiesOfType(type)) {
      const field = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      // `never` is how these types say that the field is another variant's.
      if ((field.flags & ts.TypeFlags.Never) === 0) fields.set(property.name, shapeOf(field, depth + 1));
    }
    return { ...nothing, fields, values: values && shapeOf(values, depth + 1) };
  };

  const map = program
    .getSourceFile(file)
    ?.statements.find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === 'EventPayloadMap');
  if (map === undefined || !ts.isTypeAliasDeclaration(map)) throw new Error(`${file}: expected a type EventPayloadMap`);
  const events = new Map<string, EventDescription>();
  for (const event of checker.getPropertiesOfType(checker.getTypeAtLocation(map.name))) {
    const type = checker.getTypeOfSymbol(event);
    events.set(event.name, { shape: shapeOf(type, 0), actions: actionsOf(type, checker) });
  }
  return events;
}

function actionsOf(type: ts.Type, checker: ts.TypeChecker): EventDescription['actions'] {
  const actions = new Set<string>();
  for (const variant of type.isUnion() ? type.types : [type]) {
    const property = checker.getPropertyOfType(variant, 'action');
    const action = property && checker.getNonNullableType(checker.getTypeOfSymbol(property));
    for (const value of action === undefined ? [] : action.isUnion() ? action.types : [action]) {
      if (!value.isStringLiteral()) return 'free';
      actions.add(value.value);
    }
  }
  return actions;
}
