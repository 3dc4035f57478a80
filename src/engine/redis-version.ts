import { releases, type ServerVersion } from '../commands/version.js';

/** The version that INFO, HELLO, LOLWUT, RDB files and scripts report. */
export function releaseOf(settings: { readonly serverVersion: ServerVersion }): string {
  return releases[settings.serverVersion];
}

/** This package's own version, as package.json says. */
export const KEYSPAN_VERSION = '0.1.0';
