/**
 * The most that is done of what is offered: rates that rise, until one is too much, and then so many times the rate in the middle of the highest that was borne and the lowest that was not. Without the latter the figure would be a
 * step of the rates, and of two runs near a step one would give twice the other. `offer`: what was done of a rate; `undefined` when it was too much.
 */
export async function highestRate(
  rising: readonly number[],
  halvings: number,
  offer: (rate: number) => Promise<number | undefined>,
): Promise<number> {
  let [most, borne] = [0, 0];
  let tooMuch: number | undefined;
  const tryRate = async (rate: number) => {
    const done = await offer(rate);
    if (done === undefined) tooMuch = rate;
    else [most, borne] = [Math.max(most, done), rate];
  };
  for (const rate of rising) {
    await tryRate(rate);
    if (tooMuch !== undefined) break;
  }
  for (let i = 0; i < halvings && tooMuch !== undefined; i++) await tryRate(Math.round((borne + tooMuch) / 2));
  return most;
}
