import * as client from '@kubernetes/client-node';

/** One class of Kubernetes' generated client: which fields a type has, of what types. */
interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string; readonly format: string }[];
}

const models = new Map(
  Object.entries(client).filter(
    (entry): entry is [string, (typeof entry)[1] & Model] => typeof entry[1] === 'function' && 'getAttributeTypeMap' in entry[1],
  ),
);

/**
 * What is not as Kubernetes' OpenAPI says, a line each: fields that a type does not have, values of another type. It comes from the generated client,
 * which does not say what is required: a real server does (TAPPET_TEST_KUBECONFIG).
 */
export function strictErrors(object: { readonly apiVersion: string; readonly kind: string }): readonly string[] {
  const version = object.apiVersion.split('/').at(-1) ?? '';
  const name = `${version.slice(0, 1).toUpperCase()}${version.slice(1)}${object.kind}`;
  return models.has(name) ? check(name, object, object.kind) : [`${object.apiVersion} ${object.kind}: no such kind`];
}

function check(type: string, value: unknown, path: string): readonly string[] {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined)
    return Array.isArray(value) ? value.flatMap((item, index) => check(list, item, `${path}[${index}]`)) : wrong(path, value, 'a list');
  const mapped = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (mapped !== undefined)
    return isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => check(mapped, item, `${path}.${key}`))
      : wrong(path, value, 'a mapping');
  const model = models.get(type);
  if (model !== undefined) return checkModel(model, value, path);
  if (type === 'IntOrString')
    return typeof value === 'string' || Number.isInteger(value) ? [] : wrong(path, value, 'a whole number or text');
  if (type === 'any') return [];
  return typeof value === type ? [] : wrong(path, value, type);
}

function checkModel(model: Model, value: unknown, path: string): readonly string[] {
  if (!isObject(value)) return wrong(path, value, 'a mapping');
  const fields = new Map(model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]));
  return Object.entries(value).flatMap(([key, item]) => {
    const type = fields.get(key);
    return type === undefined ? [`${path}.${key}: no such field`] : check(type, item, `${path}.${key}`);
  });
}

function wrong(path: string, value: unknown, expected: string): readonly string[] {
  return [`${path}: got ${JSON.stringify(value)}, expected ${expected}`];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
