import { type ParamType, type ParamValue, paramTypeOf } from '../expressions/variables/param-value.ts';
import type { EngineConfig } from './engine-config.ts';
import { type FieldError, fieldError, invalidValue, missingField, under } from './field-error.ts';
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
 * Propagation: layers of declarations and of given values, each over the one before. A later layer wins, but an object's keys add up: they
 * may come from values, defaults and declarations of any layer.
 */
export function overlaidSpecs(...layers: readonly (readonly ParamSpec[] | undefined)[]): readonly ParamSpec[] {
  const specs = new Map<string, ParamSpec>();
  for (const spec of layers.flatMap((layer) => layer ?? [])) {
    const keys = [specs.get(spec.name)?.properties, propertiesOf(spec.default), spec.properties].filter((part) => part !== undefined);
    const isObjectSpec = typeOfSpec(spec) === 'object' && keys.length > 0;
    specs.set(spec.name, isObjectSpec ? { ...spec, properties: Object.assign({}, ...keys) } : spec);
  }
  return [...specs.values()];
}

function propertiesOf(value: ParamValue | undefined): Properties | undefined {
  return value !== undefined && isObject(value) ? keysOf(value) : undefined;
}

/** 2.5 (8) and (9): types, defaults, repetition, enum, names. Paths are as upstream's: `params.x.type`, `params[x]`, `params`. */
export function validateParamSpecs(specs: readonly ParamSpec[] | undefined, config: EngineConfig): readonly FieldError[] {
  if (specs === undefined || specs.length === 0) return [];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const spec of specs) {
    errors.push(...under('params', validateType(spec)), ...under(`params[${spec.name}]`, validateEnum(spec, config)));
    if (seen.has(spec.name)) errors.push(fieldError('parameter appears more than once', `params[${spec.name}]`));
    seen.add(spec.name);
  }
  errors.push(...validateNames(specs));
  return errors;
}

function validateType(spec: ParamSpec): readonly FieldError[] {
  const type = typeOfSpec(spec);
  if (type !== 'string' && type !== 'array' && type !== 'object') return [invalidValue(type, `${spec.name}.type`)];
  const errors: FieldError[] = [];
  if (spec.default !== undefined && paramTypeOf(spec.default) !== type) {
    const message = `"${type}" type does not match default value's type: "${paramTypeOf(spec.default)}"`;
    errors.push(fieldError(message, [`${spec.name}.type`, `${spec.name}.default.type`]));
  }
  const wrong = nonStringProperties(spec.properties);
  if (type === 'object' && wrong.length > 0) {
    errors.push(fieldError(`The value type specified for these keys ${goList(wrong)} is invalid`, `${spec.name}.properties`));
  }
  return errors;
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

function validateNames(specs: readonly ParamSpec[]): readonly FieldError[] {
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

/** Of values: repetition, whatever the case. Each repeated one is told, `[x].name`. */
export function validateParamNames(params: readonly Param[] | undefined): readonly FieldError[] {
  if (params === undefined) return [];
  return repeated(params.map((param) => param.name)).map((index) =>
    fieldError('expected exactly one, got both', `[${params[index]?.name}].name`),
  );
}

/** Indices of names that appear more than once, case ignored. */
export function repeated(names: readonly string[]): readonly number[] {
  if (names.length < 2) return [];
  const folded = names.map((name) => name.toLowerCase());
  const counts = new Map<string, number>();
  for (const name of folded) counts.set(name, (counts.get(name) ?? 0) + 1);
  return folded.flatMap((name, index) => ((counts.get(name) ?? 0) > 1 ? [index] : []));
}

function isObject(value: ParamValue): value is Readonly<Record<string, string>> {
  return paramTypeOf(value) === 'object';
}

function keysOf(value: Readonly<Record<string, string>>): Properties {
  return Object.fromEntries(Object.keys(value).map((key) => [key, { type: 'string' }]));
}
