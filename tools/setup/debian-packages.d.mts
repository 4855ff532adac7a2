export interface DebianPackage {
  readonly name: string;
  readonly command?: string;
  readonly file?: string;
}

export interface PackageMachine {
  readonly isRoot: boolean;
  findCommand(command: string): string | undefined;
  hasFile(path: string): boolean;
  run(
    command: string,
    words: string[],
    environment: Record<string, string>,
  ): { status: number | null; stderr: string; error?: Error };
  /** Calls `install`, while which no service of a package is started. */
  withoutServices<T>(install: () => T): T;
}

export const thisMachine: PackageMachine;
export function installDebianPackages(
  packages: readonly DebianPackage[],
  say: (text: string) => void,
  machine?: PackageMachine,
): boolean;
