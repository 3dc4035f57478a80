import type { Request } from '../backend/backend.js';
import { textFromBytes } from '../core/bytes.js';
import type { ConnectionSettings } from './client-options.js';
import { Secret } from './secret.js';

/** How connections are made after a command that sets something of its own. */
export function settingsAfter(settings: ConnectionSettings, { spec, argv }: Request): ConnectionSettings {
  const last = argv[argv.length - 1]!;
  if (spec.name === 'SELECT') return { ...settings, db: Number(last) };
  if (spec.name === 'CLIENT SETNAME') return { ...settings, name: last === '' ? null : textFromBytes(last) };
  if (spec.name === 'CLIENT SETINFO') {
    const what = argv[2]!.toUpperCase() === 'LIB-NAME' ? 'name' : 'version';
    return { ...settings, library: { ...settings.library, [what]: last } };
  }
  const password = new Secret(textFromBytes(last));
  const credentials = argv.length > 2 ? { username: textFromBytes(argv[1]!), password } : { password };
  return { ...settings, credentials: () => credentials, provider: null };
}
