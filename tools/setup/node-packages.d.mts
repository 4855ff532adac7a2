export interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly os?: string | string[];
  readonly cpu?: string | string[];
  readonly libc?: string | string[];
}

export interface InstallMachine {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string;
}

export function installNodePackages(root: string, say: (text: string) => void): string | undefined;
export function missingPackages(
  lock: { readonly packages: Readonly<Record<string, LockedPackage>> },
  installed: Readonly<Record<string, LockedPackage>>,
  machine: InstallMachine,
): string[];
