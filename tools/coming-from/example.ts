/** How a method is used, as it stands in the pages of docs/coming-from. */
export interface Example {
  /**
   * `run`: by an engine and a server. `newer`: by an engine, as the server of the tests may be too old. `shown`: only
   * compiled, as a function, because it would change or end the server.
   */
  readonly how: 'run' | 'newer' | 'shown';
  /** A line whose comment is a literal is checked against it. */
  readonly lines: readonly string[];
}

/** The lines as they stand in a cell. */
export function codeOf({ how, lines }: Example): string[] {
  return how === 'shown' ? [`const run = () => ${lines[0]};`] : [...lines];
}

/** The same with bytes for replies; what it says about the reply as text is left out. */
export function asBytes({ how, lines }: Example): Example {
  const last = lines.length - 1;
  const turned = lines.map((line, i) =>
    i === last ? line.replace(/; \/\/ .*$/, ';').replace('db.', "db.with({ as: 'bytes' }).") : line,
  );
  return { how, lines: turned };
}
