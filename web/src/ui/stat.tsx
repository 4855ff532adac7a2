import { Hint } from './hint.tsx';

interface StatProps {
  readonly label: string;
  /** With its unit, when it has one: "12.3 Mbit/s". */
  readonly value: string;
  /** What the number is of. */
  readonly unit: string;
  readonly hint?: string;
}

/** One number that is looked at often. */
export function Stat({ label, value, unit, hint }: StatProps) {
  const [number, scale] = value.split(' ', 2);
  return (
    <div class="stat">
      <span class="label">{hint === undefined ? label : <Hint text={hint}>{label}</Hint>}</span>
      <span class="value">
        {number}
        {scale !== undefined && <small> {scale}</small>}
      </span>
      <span class="muted">{unit}</span>
    </div>
  );
}
