import { type Labels, labelsText, metricLines } from './series.ts';

interface Distribution {
  readonly labels: Labels;
  /** One more than there are bounds: the last is `+Inf`. Not cumulative. */
  readonly buckets: number[];
  sum: number;
}

/** How values are distributed, for each set of labels. */
export class Histogram {
  readonly #name: string;
  readonly #bounds: readonly number[];
  readonly #distributions = new Map<string, Distribution>();

  constructor(name: string, bounds: readonly number[]) {
    this.#name = name;
    this.#bounds = bounds;
  }

  observe(labels: Labels, value: number): void {
    const key = labelsText(labels);
    let known = this.#distributions.get(key);
    if (known === undefined) {
      known = { labels, buckets: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#distributions.set(key, known);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const index = found < 0 ? this.#bounds.length : found;
    known.buckets[index] = (known.buckets[index] ?? 0) + 1;
    known.sum += value;
  }

  lines(): readonly string[] {
    const samples = [...this.#distributions].flatMap(([key, { labels, buckets, sum }]) => {
      let count = 0;
      const lines = buckets.map((seen, index) => {
        count += seen;
        return `${this.#name}_bucket${labelsText({ ...labels, le: String(this.#bounds[index] ?? '+Inf') })} ${count}`;
      });
      return [...lines, `${this.#name}_sum${key} ${sum}`, `${this.#name}_count${key} ${count}`];
    });
    return metricLines(this.#name, 'histogram', samples);
  }
}
