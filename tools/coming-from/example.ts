/** How a method is used, as it stands in the pages of docs/coming-from. */
export interface Example {
  /**
   * `run`: by an engine and a server. `newer`: by an engine, as the server of the tests may be too old. `cluster`: by a
   * cluster. `shown`: only compiled, as a function, because it would change or end the server.
   */
  readonly how: 'run' | 'newer' | 'cluster' | 'shown';
  /** A line whose comment is a literal is checked against it. */
  readonly lines: readonly string[];
}

/** The lines as they stand in a cell. */
export function codeOf({ how, lines }: Example): string[] {
  return how === 'shown' ? [`const run = () => ${lines[0]};`] : [...lines];
}

/** The same with bytes for replies: what it says of texts is said of their bytes. */
export function asBytes({ how, lines }: Example): Example {
  const last = lines.length - 1;
  const turned = lines.map((line, i) => (i === last ? bytesLine(line) : line));
  return { how, lines: turned };
}

function bytesLine(line: string): string {
  const turned = line.replace('db.', "db.with({ as: 'bytes' }).");
  const [call, reply] = turned.split('; // ') as [string, string?];
  // What is made of a reply is not the reply.
  if (reply === undefined || !call.startsWith('await ') || reply === "'OK'" || reply === "'PONG'")
    return `${call.replace(/;$/, '')};`;
  // Ids of entries are texts in every view.
  return reply.includes("'") && !/^'\d+-\d+'$/.test(reply) ? `${call}; // bytes of ${reply}` : turned;
}
