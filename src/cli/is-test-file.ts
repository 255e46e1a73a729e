/** Tests of triggers lie beside what they test, and are no resources. */
export function isTestFile(name: string): boolean {
  return /\.trigger-test\.ya?ml$/i.test(name);
}
