export function buildDashboard(root: string, node: string): string | undefined;
