import { Counter, Gauge, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** Families of metrics whose values are read each time they are asked for, and counted elsewhere. */
export class MetricFamilies {
  readonly #registry = new Registry();
  readonly #families = new Map<string, Counter | Gauge>();

  /** The name ends in `_total`. */
  counter(name: string, help: string, value: number, labels: Labels = {}): void {
    const known = this.#families.get(name);
    const family = known ?? new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    if (!known) this.#families.set(name, family);
    if (family instanceof Counter) family.inc(labels, value);
  }

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    const known = this.#families.get(name);
    const family = known ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    if (!known) this.#families.set(name, family);
    if (family instanceof Gauge) family.set(labels, value);
  }

  /** In the text format of Prometheus; `contentType` is its media type. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
