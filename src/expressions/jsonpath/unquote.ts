const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** The text of a Go string literal in `"` or `'`, quotes included in `source`; `undefined` when it is malformed. Upstream: UnquoteExtend. */
export function unquote(source: string): string | undefined {
  const quote = source.at(0);
  if (source.length < 2 || quote !== source.at(-1)) return undefined;
  const body = source.slice(1, -1);
  if (!body.includes('\\') && !(quote !== undefined && body.includes(quote))) return body;
  const sequence = /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;
  let text = '';
  let position = 0;
  while (position < body.length) {
    const character = body.charAt(position);
    if (character === quote) return undefined;
    if (character !== '\\') {
      text += character;
      position++;
      continue;
    }
    sequence.lastIndex = position;
    const match = sequence.exec(body);
    if (match === null) return undefined;
    const [whole, short, ...codes] = match;
    if (short === undefined) {
      const digits = codes.find((code) => code !== undefined) ?? '';
      const code = Number.parseInt(digits, codes[3] === undefined ? 16 : 8);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      text += String.fromCodePoint(code);
    } else if (short === '"' || short === "'") {
      // Only the quote in use may be escaped.
      if (short !== quote) return undefined;
      text += short;
    } else {
      text += simple[short] ?? '';
    }
    position += whole.length;
  }
  return text;
}
