/** Values that many have in common, each under a number from 1 on, as long as somebody has it. */
export class SharedValues<Value> {
  readonly #numbers = new Map<Value, number>();
  readonly #values: (Value | undefined)[] = [undefined];
  readonly #holders: number[] = [0];
  readonly #free: number[] = [];

  take(value: Value): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) {
      this.#holders[known] = (this.#holders[known] as number) + 1;
      return known;
    }
    const number = this.#free.pop() ?? this.#values.length;
    this.#numbers.set(value, number);
    this.#values[number] = value;
    this.#holders[number] = 1;
    return number;
  }

  /** `undefined` for 0. */
  at(number: number): Value | undefined {
    return this.#values[number];
  }

  give(number: number): void {
    const left = (this.#holders[number] as number) - 1;
    this.#holders[number] = left;
    if (left > 0) return;
    this.#numbers.delete(this.#values[number] as Value);
    this.#values[number] = undefined;
    this.#free.push(number);
  }
}
