import { type Labels, labelsText, metricLines } from './series.ts';

/** One number for each set of labels: counted up, or set to the last one seen. */
export class Counts {
  readonly #name: string;
  readonly #type: 'counter' | 'gauge';
  readonly #values = new Map<string, number>();

  constructor(name: string, type: 'counter' | 'gauge' = 'counter') {
    this.#name = name;
    this.#type = type;
  }

  add(labels: Labels): void {
    const key = labelsText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + 1);
  }

  set(labels: Labels, value: number): void {
    this.#values.set(labelsText(labels), value);
  }

  lines(): readonly string[] {
    return metricLines(
      this.#name,
      this.#type,
      [...this.#values].map(([labels, value]) => `${this.#name}${labels} ${value}`),
    );
  }
}
