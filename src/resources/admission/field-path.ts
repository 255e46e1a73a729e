/** Where in an object: field names, list indices, map keys. */
export type PathPart = string | number;

/** `['spec', 'tasks', 0, 'name']` as `spec.tasks[0].name`. A key that is no field name goes into brackets: `labels[app.io/x]`. */
export function formatPath(parts: readonly PathPart[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(part)) text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
