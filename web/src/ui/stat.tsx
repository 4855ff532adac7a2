interface StatProps {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  readonly hint?: string;
}

/** One number that is looked at often. */
export function Stat({ label, value, unit, hint }: StatProps) {
  return (
    <div class="stat">
      <span class="label">{hint === undefined ? label : <abbr title={hint}>{label}</abbr>}</span>
      <span class="value">{value}</span>
      <span class="muted">{unit}</span>
    </div>
  );
}
