export async function runSimulated(_o: unknown): Promise<void> {}
