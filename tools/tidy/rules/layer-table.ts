import { type Import, importsOf } from '../imports.ts';
import { KOFFI_FILE, LAYERS, type Layer } from '../layers.ts';
import type { Finding, SourceFile } from '../source-tree.ts';

/** Every import of a file in `src/` must be one that the layer table allows, written in the form for it. */
export function layerTable(files: readonly SourceFile[]): Finding[] {
  const known = new Set(files.map((file) => file.path));
  return files.flatMap((file) => {
    const name = /^src\/([^/]+)\//.exec(file.path)?.[1];
    if (name === undefined || !file.path.endsWith('.ts')) return [];
    const layer = LAYERS[name];
    if (!layer) return [{ path: file.path, line: 1, message: `layer ${name} is not in tools/tidy/layers.ts` }];
    return importsOf(file).flatMap((entry) => {
      const message = entry.target === undefined ? external(file, layer, entry) : internal(name, layer, entry, known);
      return message === undefined ? [] : [{ path: file.path, line: entry.line, message }];
    });
  });
}

function internal(name: string, layer: Layer, entry: Import, known: ReadonlySet<string>): string | undefined {
  const target = entry.target as string;
  const other = /^src\/([^/]+)\//.exec(target)?.[1];
  const relative = entry.specifier.startsWith('.');
  if (other === undefined) return `${entry.specifier} is outside src/`;
  if (relative && other !== name) return `${entry.specifier} leaves the layer: write #${target.slice('src/'.length)}`;
  if (!known.has(target)) return `${entry.specifier} does not exist`;
  if (other === name) return relative ? undefined : `${entry.specifier} is in the same layer: import it relatively`;
  if (layer.layers.includes(other) || (entry.typeOnly && layer.typesFrom?.includes(target))) return undefined;
  const typed = layer.typesFrom?.includes(target) ? ' (only its types)' : '';
  return `layer ${name} may not import ${entry.specifier}${typed}`;
}

function external(file: SourceFile, layer: Layer, entry: Import): string | undefined {
  if (entry.specifier.startsWith('node:')) {
    return layer.pure ? `a pure layer may not import ${entry.specifier}` : undefined;
  }
  if (entry.specifier === 'koffi' && file.path !== KOFFI_FILE) return `only ${KOFFI_FILE} may import koffi`;
  return layer.packages?.includes(entry.specifier) ? undefined : `this layer may not import package ${entry.specifier}`;
}
