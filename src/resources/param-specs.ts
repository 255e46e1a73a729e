import { type ParamType, type ParamValue, paramTypeOf } from '../expressions/variables/param-value.ts';
import type { EngineConfig } from './engine-config.ts';
import { type FieldError, fieldError, invalidValue, missingField, oneOfMultiple, under } from './field-error.ts';
import { goList, goMapOfLists } from './go-format.ts';
import { isObjectVariableName, isVariableName } from './names.ts';
import type { Param, ParamSpec, Properties } from './params.ts';

/** Upstream's inference: an explicit type, else properties make an object, else the default's type, else string. */
export function defaultParamSpec(spec: ParamSpec): ParamSpec {
  const type = spec.type !== undefined && spec.type !== '' ? spec.type : inferType(spec);
  const properties = defaultProperties(spec.properties);
  return properties === undefined ? { ...spec, type } : { ...spec, type, properties };
}

function inferType(spec: ParamSpec): ParamType {
  if (spec.properties !== undefined) return 'object';
  return spec.default === undefined ? 'string' : paramTypeOf(spec.default);
}

/** A property's type is `string` unless said otherwise (and then validation refuses it). */
export function defaultProperties(properties: Properties | undefined): Properties | undefined {
  if (properties === undefined) return undefined;
  return Object.fromEntries(Object.entries(properties).map(([key, { type }]) => [key, { type: type || 'string' }]));
}

export function typeOfSpec(spec: ParamSpec): string {
  return spec.type ?? inferType(spec);
}

/** Names by type, for the rules about which variable may stand where. */
export interface DeclaredParams {
  readonly all: ReadonlySet<string>;
  readonly arrays: ReadonlySet<string>;
  /** Object params and their keys. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
}

export function declaredParams(specs: Iterable<ParamSpec>): DeclaredParams {
  const all = new Set<string>();
  const arrays = new Set<string>();
  const objects = new Map<string, ReadonlySet<string>>();
  for (const spec of specs) {
    all.add(spec.name);
    const type = typeOfSpec(spec);
    if (type === 'array') arrays.add(spec.name);
    if (type === 'object') objects.set(spec.name, new Set(Object.keys(spec.properties ?? {})));
  }
  return { all, arrays, objects };
}

/** Declarations that given values would fit: embedded specs may use their run's params without declaring them. */
export function specsOfValues(params: readonly Param[] | undefined): readonly ParamSpec[] {
  return (params ?? []).map(specOfValue);
}

function specOfValue({ name, value }: Param): ParamSpec {
  return isObject(value) ? { name, type: 'object', properties: keysOf(value) } : { name, type: paramTypeOf(value) };
}

/**
 * Propagation: what is known of params, and declarations of an inner level. What is known keeps its type, an object takes the properties that are
 * declared for it. Follows tektoncd/pipeline pkg/apis/pipeline/v1/taskrun_validation.go, `combineParamSpec`.
 */
export function combinedSpecs(
  known: readonly ParamSpec[],
  declared: readonly ParamSpec[] | undefined,
): { readonly specs: readonly ParamSpec[]; readonly errors: readonly FieldError[] } {
  const specs = new Map(known.map((spec) => [spec.name, spec]));
  const errors: FieldError[] = [];
  for (const spec of declared ?? []) {
    const given = specs.get(spec.name);
    const isObjectSpec = (given !== undefined && typeOfSpec(given) === 'object') || (spec.default !== undefined && isObject(spec.default));
    if (given === undefined) specs.set(spec.name, spec);
    else if (isObjectSpec && spec.properties === undefined) errors.push(missingField(`${spec.name}.properties`));
    else if (typeOfSpec(given) === 'object') specs.set(spec.name, { ...given, properties: spec.properties });
  }
  return { specs: [...specs.values()], errors };
}

/** The same with the values a pipeline task gives: new ones, and keys of objects. Follows `appendPipelineTaskParams`. */
export function withTaskParams(known: readonly ParamSpec[], params: readonly Param[] | undefined): readonly ParamSpec[] {
  const specs = new Map(known.map((spec) => [spec.name, spec]));
  for (const param of params ?? []) {
    const given = specs.get(param.name);
    if (given === undefined) specs.set(param.name, specOfValue(param));
    else if (isObject(param.value)) specs.set(param.name, { ...given, properties: { ...given.properties, ...keysOf(param.value) } });
  }
  return [...specs.values()];
}

/** Types and defaults. Paths begin with the param's name. */
export function validateParamTypes(specs: readonly ParamSpec[] | undefined): readonly FieldError[] {
  return (specs ?? []).flatMap(validateType);
}

/** Repetition and enums. */
export function validateDeclarations(specs: readonly ParamSpec[] | undefined, config: EngineConfig): readonly FieldError[] {
  return [
    ...validateUniqueSpecs(specs),
    ...(specs ?? []).flatMap((spec) => under('params', under(`[${spec.name}]`, validateEnum(spec, config)))),
  ];
}

/** Repetition alone: a StepAction's enums are nobody's business. */
export function validateUniqueSpecs(specs: readonly ParamSpec[] | undefined): readonly FieldError[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of specs ?? []) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return under(
    'params',
    [...twice].map((name) => fieldError('parameter appears more than once', `[${name}]`)),
  );
}

function validateType(spec: ParamSpec): readonly FieldError[] {
  const type = typeOfSpec(spec);
  if (type !== 'string' && type !== 'array' && type !== 'object') return [invalidValue(type, `${spec.name}.type`)];
  if (spec.default !== undefined && paramTypeOf(spec.default) !== type) {
    const message = `"${type}" type does not match default value's type: "${paramTypeOf(spec.default)}"`;
    return [fieldError(message, [`${spec.name}.type`, `${spec.name}.default.type`])];
  }
  const wrong = nonStringProperties(spec.properties);
  if (wrong.length === 0) return [];
  return [fieldError(`The value type specified for these keys ${goList(wrong)} is invalid`, `${spec.name}.properties`)];
}

export function nonStringProperties(properties: Properties | undefined): readonly string[] {
  if (properties === undefined) return [];
  return Object.entries(properties)
    .filter(([, { type = 'string' }]) => type !== 'string')
    .map(([key]) => key)
    .sort();
}

function validateEnum(spec: ParamSpec, config: EngineConfig): readonly FieldError[] {
  if (spec.enum === undefined || spec.enum.length === 0) return [];
  const errors: FieldError[] = [];
  if (!config['enable-param-enum']) errors.push(fieldError('feature flag `enable-param-enum` should be set to true to use Enum', ''));
  if (typeOfSpec(spec) !== 'string') errors.push(fieldError('enum can only be set with string type param', ''));
  const seen = new Set<string>();
  for (const value of spec.enum) {
    if (seen.has(value)) errors.push(fieldError(`parameter enum value ${value} appears more than once`, ''));
    seen.add(value);
  }
  const { default: fallback } = spec;
  if (typeof fallback === 'string' && fallback !== '' && !seen.has(fallback))
    errors.push(fieldError(`param default value ${fallback} not in the enum list`, ''));
  return errors;
}

export function validateParamSpecNames(specs: readonly ParamSpec[] = []): readonly FieldError[] {
  const errors: FieldError[] = [];
  const objects = specs.filter((spec) => typeOfSpec(spec) === 'object');
  const others = new Set(specs.filter((spec) => typeOfSpec(spec) !== 'object').map((spec) => spec.name));
  const wrong = [...others].filter((name) => !isVariableName(name)).sort();
  if (wrong.length > 0) {
    errors.push(
      fieldError(`The format of following array and string variable names is invalid: ${goList(wrong)}`, 'params', variableNameRule),
    );
  }
  const wrongObjects = new Map<string, readonly string[]>();
  for (const { name, properties } of objects) {
    const keys = Object.keys(properties ?? {}).filter((key) => !isObjectVariableName(key));
    if (keys.length > 0 || !isObjectVariableName(name)) wrongObjects.set(name, keys);
  }
  if (wrongObjects.size > 0) {
    errors.push(fieldError(`Object param name and key name format is invalid: ${goMapOfLists(wrongObjects)}`, 'params', objectNameRule));
  }
  return errors;
}

const variableNameRule =
  'String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)';
const objectNameRule =
  'Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_) \nMust begin with a letter or an underscore (_)';

/** An object param must say its keys where nothing else does. */
export function validateObjectProperties(specs: readonly ParamSpec[]): readonly FieldError[] {
  return specs
    .filter((spec) => typeOfSpec(spec) === 'object' && spec.properties === undefined)
    .map((spec) => missingField(`${spec.name}.properties`));
}

/** Of values: repetition, whatever the case. Each but the first is told, `[x].name`. */
export function validateParamNames(params: readonly Param[] | undefined): readonly FieldError[] {
  if (params === undefined) return [];
  return repeated(params.map((param) => param.name)).map((index) => oneOfMultiple(`[${params[index]?.name}].name`));
}

/** Indices of names that were there before, case ignored. */
export function repeated(names: readonly string[]): readonly number[] {
  const seen = new Set<string>();
  const found: number[] = [];
  for (const [index, name] of names.entries()) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) found.push(index);
    seen.add(folded);
  }
  return found;
}

function isObject(value: ParamValue): value is Readonly<Record<string, string>> {
  return paramTypeOf(value) === 'object';
}

function keysOf(value: Readonly<Record<string, string>>): Properties {
  return Object.fromEntries(Object.keys(value).map((key) => [key, { type: 'string' }]));
}
