/** A flag of the entrypoint with file names; what is none, no step can have written. */
export function names(flag: string, list: readonly string[]): readonly string[] {
  const files = list.filter(isFileName);
  return files.length === 0 ? [] : [flag, files.join(',')];
}

export function isFileName(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name) && name !== '..' && name !== '.';
}
