export interface JunitCase {
  /** The file. */
  readonly suite: string;
  readonly name: string;
  readonly tookMs: number;
  /** Why it failed: the first line is the message. */
  readonly failure?: string | undefined;
}

/** The cases as JUnit's XML, a suite a file, in their order. */
export function junitXml(cases: readonly JunitCase[]): string {
  const suites = new Map<string, JunitCase[]>();
  for (const testCase of cases) suites.set(testCase.suite, [...(suites.get(testCase.suite) ?? []), testCase]);
  const lines = [...suites].flatMap(([name, own]) => [
    `  <testsuite ${attributes({ name, ...totals(own) })}>`,
    ...own.flatMap(caseLines),
    '  </testsuite>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: 'tappet trigger test', ...totals(cases) })}>`,
    ...lines,
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({ suite, name, tookMs, failure }: JunitCase): readonly string[] {
  const head = `    <testcase ${attributes({ classname: suite, name, time: seconds(tookMs) })}`;
  if (failure === undefined) return [`${head}/>`];
  const [message = ''] = failure.split('\n');
  return [`${head}>`, `      <failure ${attributes({ message })}>${escaped(failure)}</failure>`, '    </testcase>'];
}

function totals(cases: readonly JunitCase[]): Readonly<Record<string, string>> {
  return {
    tests: String(cases.length),
    failures: String(cases.filter(({ failure }) => failure !== undefined).length),
    errors: '0',
    time: seconds(cases.reduce((sum, { tookMs }) => sum + tookMs, 0)),
  };
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join(' ');
}

/** Characters XML 1.0 cannot hold at all, half a surrogate pair among them, are shown as what they are: something else. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
