import { type FieldError, fieldError } from '../field-error.ts';

/** Rules for the data of ConfigMaps and Secrets. Keys become file names. Values are never shown. */
export function validateDataKeys(field: string, data: Readonly<Record<string, string>> | undefined): readonly FieldError[] {
  return Object.keys(data ?? {})
    .filter((key) => !/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key === '.' || key.startsWith('..'))
    .map((key) => {
      const shown = key.slice(0, 100);
      const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
      return fieldError(`invalid key name ${JSON.stringify(shown)}`, `${field}[${shown}]`, rule);
    });
}

export function validateBase64Values(
  field: string,
  data: Readonly<Record<string, string>> | undefined,
  remedy: string,
): readonly FieldError[] {
  return Object.entries(data ?? {})
    .filter(([, text]) => !isBase64(text))
    .map(([key]) => fieldError('got text that is not base64, expected base64', `${field}[${key}]`, remedy));
}

/** Go's standard encoding; line breaks are skipped. */
function isBase64(text: string): boolean {
  const bare = text.replace(/[\r\n]/g, '');
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
}
