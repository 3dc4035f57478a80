import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<string, Manifest>;
}

/** What is wrong with package.json and package-lock.json: dependencies without a decision, a lock file with holes. */
export function packageFaults(root: string): string[] {
  return [...undecided(root), ...lockHoles(root)];
}

/** Whatever users have to install and trust with the package is named on a page of docs/decisions. */
function undecided(root: string): string[] {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return [];
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const names = [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap((group) =>
    Object.keys(group ?? {}),
  );
  const folder = join(root, 'docs/decisions');
  const pages = existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')) : [];
  return names
    .filter((name) => !pages.some((page) => page.includes(`\`${name}\``)))
    .map((name) => `package.json: no page of docs/decisions says why ${name} is a dependency`);
}

/** `npm ci` refuses a lock file that leaves out the packages of other platforms. */
function lockHoles(root: string): string[] {
  const path = join(root, 'package-lock.json');
  if (!existsSync(path)) return [];
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  return Object.entries(packages).flatMap(([place, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => !isReachable(packages, place, name))
      .map((name) => `package-lock.json: ${name}, which ${place} names, is missing: pin a version that has it`),
  );
}

/** As Node looks for it: in the package's own folder, then in those around it. */
function isReachable(packages: Lock['packages'], place: string, name: string): boolean {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}
