const PATHS = {
  topology:
    'M12 3v5M12 8 5 15M12 8l7 7M12 3h.01M5 18a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M19 18a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3',
  list: 'M4 6h16M4 12h16M4 18h16',
  swap: 'M4 8h14l-4-4M20 16H6l4 4',
  pool: 'M4 5h16v4H4zM4 11h16v4H4zM4 17h9',
  peer: 'M3 12h4l2-6 4 12 2-6h6',
  event: 'M6 4v16M10 6h10M10 12h10M10 18h6',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.500M17.5 17.5 19 19M5 19l1.5-1.500M17.5 6.5 19 5',
  moon: 'M20 14A8 8 0 1 1 10 4a6.5 6.5 0 0 0 10 10',
  auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
} as const;

export type IconName = keyof typeof PATHS;

/** An ornament: what it means stands beside it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="glyph" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
