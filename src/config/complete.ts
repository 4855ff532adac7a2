export interface Help {
  readonly word: string;
  readonly help: string;
}
export function complete(_line: string, _mode: string): string[] {
  return [];
}
export function help(_line: string, _mode: string): Help[] {
  return [];
}
