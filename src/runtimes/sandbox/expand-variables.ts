/**
 * Kubernetes' `$(VAR)` in command, args and env values: `$$` escapes, an unknown name stays as written.
 * `onEmpty` hears of each name that has no value.
 * Source: kubernetes/third_party/forked/golang/expansion/expand.go.
 */
export function expandVariables(
  text: string,
  variables: ReadonlyMap<string, string>,
  onEmpty: (name: string) => void = () => undefined,
): string {
  if (!text.includes('$')) return text;
  let expanded = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '$' || i + 1 === text.length) {
      expanded += text[i];
      continue;
    }
    const next = text[i + 1];
    const end = next === '(' ? text.indexOf(')', i + 2) : -1;
    if (end >= 0) {
      const name = text.slice(i + 2, end);
      const value = variables.get(name);
      if (!value) onEmpty(name);
      expanded += value ?? `$(${name})`;
      i = end;
    } else {
      expanded += next === '$' ? '$' : `$${next}`;
      i++;
    }
  }
  return expanded;
}
