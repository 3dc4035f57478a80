import type { Bytes } from '../../core/bytes.js';
import {
  AttributedReply,
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  PushReply,
  type Reply,
  SetReply,
  VerbatimReply,
} from '../../core/reply.js';
import type { EngineSession } from '../session.js';

const types = [
  'string',
  'integer',
  'double',
  'bignum',
  'null',
  'array',
  'set',
  'map',
  'attrib',
  'push',
  'verbatim',
  'true',
  'false',
];
const unknownType = new ErrorReply(`ERR Wrong protocol type name. Please use one of the following: ${types.join('|')}`);
const noPushes = new ErrorReply('ERR RESP2 is not supported by this command');

const samples = new Map<string, Reply>([
  ['string', 'Hello World'],
  ['integer', 12_345],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the sample that Redis sends
  ['double', new DoubleReply(3.141)],
  ['bignum', new BigNumberReply('1234567999999999999999999999999999999')],
  ['null', null],
  ['array', [0, 1, 2]],
  ['set', new SetReply([0, 1, 2])],
  ['map', new MapReply([0, false, 1, true, 2, false])],
  ['attrib', new AttributedReply(['key-popularity', ['key:123', 90]], 'Some real reply following the attribute')],
  ['verbatim', new VerbatimReply('This is a verbatim\nstring')],
  ['true', true],
  ['false', false],
]);

/** DEBUG PROTOCOL: samples for testing a client's decoder. */
export function protocolSample(call: EngineSession, type: Bytes): Reply {
  const word = type.toLowerCase();
  if (word === 'push') {
    if (call.protocol < 3) throw noPushes;
    call.push(new PushReply(['server-cpu-usage', 42]));
    return 'Some real reply following the push reply';
  }
  const sample = samples.get(word);
  if (sample === undefined) throw unknownType;
  return sample;
}
