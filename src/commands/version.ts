import type { Option, Term } from './term.js';

/** The servers whose commands can be offered, oldest first. The last one has everything in the table. */
export const serverVersions = ['7.0', '7.2', '7.4', '8.0', '8.2', '8.4'] as const;

export type ServerVersion = (typeof serverVersions)[number];

/** Includes all commands and options of the table, also those that only Valkey has. */
export const NEWEST_VERSION: ServerVersion = '8.4';

/** The exact version that a server of each release reports: that of Debian's packages where there is one. */
export const releases: Readonly<Record<ServerVersion, string>> = {
  '7.0': '7.0.15',
  '7.2': '7.2.10',
  '7.4': '7.4.5',
  '8.0': '8.0.2',
  '8.2': '8.2.3',
  '8.4': '8.4.0',
};

/** The `since` of commands that only Valkey has, though it may have had them longer: no version but the newest is so new. */
export const VALKEY_ONLY = '9.0.0';

/** Whether something introduced in the release `since` exists in `version`. */
export function isOffered(since: string, version: ServerVersion): boolean {
  if (version === NEWEST_VERSION) return true;
  const [major, minor] = numbersOf(since);
  const [ownMajor, ownMinor] = numbersOf(version);
  return major < ownMajor || (major === ownMajor && minor <= ownMinor);
}

/** Which steps from one version to the next a server has behind it, for what differs beside its commands. */
export interface VersionSteps {
  readonly v72: boolean;
  readonly v74: boolean;
  readonly v80: boolean;
  readonly v82: boolean;
  readonly v84: boolean;
}

export function stepsOf(version: ServerVersion): VersionSteps {
  return {
    v72: isOffered('7.2.0', version),
    v74: isOffered('7.4.0', version),
    v80: isOffered('8.0.0', version),
    v82: isOffered('8.2.0', version),
    v84: isOffered('8.4.0', version),
  };
}

function numbersOf(version: string): [major: number, minor: number] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}

/** A term or option that was introduced in a later release than its command. */
export function since<T extends Term | Option>(release: string, part: T): T {
  return { ...part, since: release, doc: { ...part.doc, since: release } };
}

/** As `since`, of something that only Valkey has: `release` is Valkey's, and the newest table alone has it. */
export function sinceValkey<T extends Term | Option>(release: string, part: T): T {
  return { ...since(release, part), since: VALKEY_ONLY };
}

/** The terms as they were in `version`; the same array where nothing has changed since. */
export function termsAt(terms: readonly Term[], version: ServerVersion): readonly Term[] {
  const old = terms
    .filter((term) => term.since === undefined || isOffered(term.since, version))
    .map((term) => term.at?.(version) ?? term);
  return old.length === terms.length && old.every((term, i) => term === terms[i]) ? terms : old;
}
