/** Why a rule of ACL SETUSER is refused, in Redis' words. */
const messages = {
  unknown: 'Unknown command or category name in ACL',
  syntax: 'Syntax error',
  'all-keys':
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
    "Try 'resetkeys' to start with an empty list of patterns",
  'all-channels':
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
    "Try 'resetchannels' to start with an empty list of channels",
  'no-password': 'The password you are trying to remove from the user does not exist',
  'bad-hash': 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  duplicate: 'Duplicate user found. A user can only be defined once in config files',
  subcommand: 'Allowing first-arg of a subcommand is not supported',
} as const;

export type RuleProblem = keyof typeof messages;

/** A rule that cannot be applied. Not an `Error`: it is reported to a client, not traced. */
export class RuleError {
  readonly problem: RuleProblem;
  constructor(problem: RuleProblem) {
    this.problem = problem;
  }
  get message(): string {
    return messages[this.problem];
  }
}

/** Blanks and zero bytes are not allowed in names and patterns: the rules of a user are one line of words. */
export function hasBlank(text: string): boolean {
  return /[\0\t-\r ]/.test(text);
}
