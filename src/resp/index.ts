/** The RESP codec on its own: replies to bytes, bytes to replies, bytes to requests. Runs in any JavaScript runtime. */

export { splitArguments } from '../core/quoted-arguments.js';
export { ReplyDecoder } from './decoder.js';
export { encodeReply } from './encoder.js';
export { ReplyArena } from './reply-arena.js';
export { defaultReplyLimits, type ReplyLimits } from './reply-limits.js';
export { RequestDecoder } from './request-decoder.js';
export { READ_SLACK_BYTES, RequestParser, requestLimits } from './request-parser.js';
