import { type Configuration, parseConfiguration } from '#config/index.ts';

/** The configuration that a text gives; fails the test when a line of it is wrong. */
export function read(text: string): Configuration {
  const { configuration, diagnostics } = parseConfiguration(text);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
  return configuration;
}

/** The messages of the errors, or of the warnings, that a text gives. */
export function messages(text: string, severity: 'error' | 'warning' = 'error'): string[] {
  return parseConfiguration(text)
    .diagnostics.filter((diagnostic) => diagnostic.severity === severity)
    .map(({ message }) => message);
}
