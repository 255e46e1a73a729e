import { formatPath, type PathPart } from './field-path.ts';

/** What is said of a field that is there. Not said when `unless` holds for its value. */
export interface FieldRule {
  /** From the object's root: `spec.tasks[].matrix`; `[]` stands for every element, a last `*` for every member but `except`. */
  readonly path: string;
  readonly text: string;
  readonly except?: readonly string[] | undefined;
  readonly unless?: ((value: unknown) => boolean) | undefined;
}

/** Rules as a tree of field names, so that an object is walked once and only where a rule may apply. */
interface RuleNode {
  readonly fields: Map<string, RuleNode>;
  readonly rules: FieldRule[];
  readonly members: FieldRule[];
}

export type CompiledRules = RuleNode;

export function compileRules(rules: readonly FieldRule[]): CompiledRules {
  const root = newNode();
  for (const rule of rules) {
    const parts = rule.path.replaceAll('[]', '.[]').split('.');
    const last = parts.at(-1) === '*' ? parts.pop() : undefined;
    let node = root;
    for (const part of parts) {
      const next = node.fields.get(part) ?? newNode();
      node.fields.set(part, next);
      node = next;
    }
    (last === undefined ? node.rules : node.members).push(rule);
  }
  return root;
}

/** `<path>: <text>` for each rule that applies, in the object's order. */
export function applyRules(rules: CompiledRules, object: unknown): readonly string[] {
  const found: string[] = [];
  visit(rules, object, [], found);
  return found;
}

function visit(node: RuleNode, value: unknown, path: PathPart[], found: string[]): void {
  if (value === undefined) return;
  for (const rule of node.rules) if (rule.unless?.(value) !== true) found.push(`${formatPath(path)}: ${rule.text}`);
  if (typeof value !== 'object' || value === null) return;
  for (const rule of node.members) {
    for (const key of Object.keys(value)) {
      if (rule.except?.includes(key) || ownValue(value, key) === undefined) continue;
      found.push(`${formatPath([...path, key])}: ${rule.text}`);
    }
  }
  const each = node.fields.get('[]');
  if (each !== undefined && Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      path.push(index);
      visit(each, element, path, found);
      path.pop();
    }
  }
  for (const [field, next] of node.fields) {
    if (field === '[]') continue;
    path.push(field);
    visit(next, ownValue(value, field), path, found);
    path.pop();
  }
}

function ownValue(value: object, field: string): unknown {
  return Object.hasOwn(value, field) ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}

function newNode(): RuleNode {
  return { fields: new Map(), rules: [], members: [] };
}
