import { boolYaml11Tag, defineScalarTag, FAILSAFE_SCHEMA, floatCoreTag, mergeTag, NOT_RESOLVED, nullYaml11Tag } from 'js-yaml';

const INTEGER = /^([-+]?)(?:0b([01_]+)|0x([0-9a-fA-F_]+)|0o([0-7_]+)|(0[0-7_]+)|([0-9][0-9_]*))$/;

/** Go's integers: `0o14` and `014` are octal, underscores are allowed; base 60 is not read, unlike YAML 1.1 says. */
const goInteger = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: ['-', '+', ...'0123456789'],
  resolve: (source: string) => {
    const match = INTEGER.exec(source);
    if (!match) return NOT_RESOLVED;
    const [, sign, binary, hexadecimal, octal, oldOctal, decimal] = match;
    const plain = (digits: string) => digits.replaceAll('_', '');
    const magnitude =
      binary !== undefined
        ? Number.parseInt(plain(binary), 2)
        : hexadecimal !== undefined
          ? Number.parseInt(plain(hexadecimal), 16)
          : decimal !== undefined
            ? Number(plain(decimal))
            : Number.parseInt(plain(octal ?? oldOctal ?? ''), 8);
    if (Number.isNaN(magnitude)) return NOT_RESOLVED;
    return sign === '-' ? -magnitude : magnitude;
  },
  identify: (value) => Number.isInteger(value),
});

/** YAML as Kubernetes reads it, sigs.k8s.io/yaml: YAML 1.1 booleans and nulls, merge keys, no timestamps, no tags of other types. */
export const kubernetesYaml = FAILSAFE_SCHEMA.withTags(mergeTag, nullYaml11Tag, boolYaml11Tag, goInteger, floatCoreTag);
