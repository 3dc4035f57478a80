import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The folders whose exports must be imported somewhere; tests count as importers only. */
const exporting = ['src', 'tools', 'bench'];
const importing = [...exporting, 'test', 'examples'];

interface Module {
  path: string;
  text: string;
}

/**
 * Exports that no other module imports, as lines to read. Types are left out, because the signatures of exported
 * functions mention them; so are the modules that package.json offers, and generated ones.
 */
export function unusedExports(root: string): string[] {
  const modules = importing.flatMap((folder) => modulesOf(root, folder));
  const used = new Map<string, Set<string>>();
  for (const module of modules) noteImports(module, used);
  const entries = entryPoints(root);
  return modules
    .filter(({ path }) => exporting.some((folder) => path.startsWith(`${folder}/`)))
    .filter(({ path }) => !entries.has(path) && !path.endsWith('.gen.ts'))
    .flatMap(({ path, text }) => {
      const names = used.get(path);
      if (names?.has('*')) return [];
      return exportsOf(text)
        .filter((name) => !names?.has(name))
        .map((name) => `${path}: no other module imports '${name}': it need not be exported`);
    });
}

function modulesOf(root: string, folder: string): Module[] {
  let files: string[];
  try {
    files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ path: join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') }));
}

/** Functions, classes and constants that are exported where they are declared, but for those in templates. */
function exportsOf(text: string): string[] {
  const declaration = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|let) (\w+)/gm;
  return [...text.replaceAll(/`[^`]*`/g, '').matchAll(declaration)].map(([, name]) => name);
}

/** Notes by module which of its names `module` imports or exports again; `*` for all of them. */
function noteImports({ path, text }: Module, used: Map<string, Set<string>>): void {
  const note = (target: string, name: string): void => {
    if (!target.startsWith('.')) return;
    const file = normalize(join(dirname(path), target)).replace(/\.js$/, '.ts');
    const names = used.get(file) ?? new Set();
    used.set(file, names.add(name));
  };
  for (const [, names, target] of text.matchAll(/^(?:import|export)\b([^'"`;]*?)\bfrom\s+['"]([^'"]+)['"]/gms)) {
    const list = /\{([^}]*)\}/.exec(names);
    if (list === null) note(target, '*');
    for (const item of list?.[1].split(',') ?? []) {
      const [name] = item
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      note(target, name);
    }
  }
  for (const [, target] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) note(target, '*');
}

/** The sources of the package's doors and programs. */
function entryPoints(root: string): Set<string> {
  const { exports = {}, bin = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports?: Record<string, string | { default: string }>;
    bin?: Record<string, string>;
  };
  const targets = [...Object.values(exports), ...Object.values(bin)];
  return new Set(
    targets.map((target) =>
      normalize(typeof target === 'string' ? target : target.default)
        .replace(/^dist\//, 'src/')
        .replace(/\.js$/, '.ts'),
    ),
  );
}
