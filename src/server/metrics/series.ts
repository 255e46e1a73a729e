export type Labels = Readonly<Record<string, string>>;

/** `{a="b"}` with what Prometheus' text form wants escaped; empty without labels. */
export function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The lines of one metric; none when nothing has been seen. */
export function metricLines(name: string, type: 'counter' | 'gauge' | 'histogram', samples: readonly string[]): readonly string[] {
  return samples.length === 0 ? [] : [`# TYPE ${name} ${type}`, ...samples];
}

export function gaugeText(name: string, value: number): string {
  return `# TYPE ${name} gauge\n${name} ${value}\n`;
}
