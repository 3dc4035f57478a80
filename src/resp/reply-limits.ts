/** Limits on replies, so that a broken or hostile server cannot exhaust memory or the stack. */
export interface ReplyLimits {
  /** The longest string of a reply. */
  bulk_bytes_max: number;
  /** The longest line: a status, an error, a number, a header. */
  line_bytes_max: number;
  /** The most items in one array, set or push, or pairs in one map. */
  elements_max: number;
  /** How deep aggregates may nest. */
  depth_max: number;
}

/** Redis' own replies nest about 7 deep (COMMAND DOCS); scripts may return deeper tables. */
export const defaultReplyLimits: ReplyLimits = {
  bulk_bytes_max: 536_870_888,
  line_bytes_max: 262_144,
  elements_max: 268_435_456,
  depth_max: 128,
};
