const named: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * What literal text of a binding or a template's default becomes inside a JSON string: upstream pastes it in as it is, so that JSON's
 * escapes in it take effect. What would make the JSON invalid there (a quote, a newline, a lone backslash) stands for itself here.
 */
export function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/g, (_, short?: string, code?: string) =>
    short === undefined ? String.fromCharCode(Number.parseInt(code ?? '', 16)) : (named[short] ?? short),
  );
}
