/** Prints what the lab does, with the seconds since now, to standard error. */
export function progressPrinter(): (text: string) => void {
  const started = performance.now();
  return (text) => {
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(`[${seconds.toFixed(1).padStart(5)} s] ${text}\n`);
  };
}
