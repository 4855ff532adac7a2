/** Durations in microseconds, counted in buckets whose widths grow with the value: any quantile is right within 3 %. */
export class Histogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;

  record(microseconds: number): void {
    const value = Math.max(microseconds, 0);
    this.#count++;
    this.#sum += value;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    const bucket = bucketOf(value);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
  }

  /** In microseconds; `undefined` before the first record. */
  summary(): HistogramSummary | undefined {
    if (this.#count === 0) return undefined;
    return {
      count: this.#count,
      minimum: round(this.#minimum),
      median: round(this.quantile(0.5)),
      mean: round(this.#sum / this.#count),
      p99: round(this.quantile(0.99)),
      maximum: round(this.#maximum),
    };
  }

  /** In microseconds; 0 before the first record. */
  quantile(fraction: number): number {
    let left = fraction * this.#count;
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#buckets[i] as number;
      if (left <= 0) return Math.min(Math.max(middleOf(i), this.#minimum), this.#maximum);
    }
    return this.#maximum;
  }

  /** What occurred, the shortest first. */
  distribution(): DistributionEntry[] {
    const entries: DistributionEntry[] = [];
    for (const [i, count] of this.#buckets.entries())
      if (count > 0) entries.push({ microseconds: round(middleOf(i)), count });
    return entries;
  }
}

export interface HistogramSummary {
  readonly count: number;
  readonly minimum: number;
  readonly median: number;
  readonly mean: number;
  readonly p99: number;
  readonly maximum: number;
}

/** So many were about so long. */
export interface DistributionEntry {
  readonly microseconds: number;
  readonly count: number;
}

/** Buckets per doubling. */
const RESOLUTION = 16;
const DOUBLINGS = 26; // to 67 s
const BUCKETS = RESOLUTION * DOUBLINGS;

function bucketOf(microseconds: number): number {
  return Math.min(BUCKETS - 1, Math.max(0, Math.floor(Math.log2(Math.max(microseconds, 1)) * RESOLUTION)));
}

function middleOf(bucket: number): number {
  return 2 ** ((bucket + 0.5) / RESOLUTION);
}

function round(microseconds: number): number {
  return Math.round(microseconds * 10) / 10;
}
