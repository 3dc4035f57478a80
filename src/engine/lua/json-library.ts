import { argumentError, integerArgument, textArgument } from './arguments.js';
import { JsonReader, type JsonReaderOptions } from './json-reader.js';
import { type JsonWriterOptions, writeJson } from './json-writer.js';
import { LuaTable } from './table.js';
import { type LuaFunction, type LuaValue, NULL_POINTER } from './value.js';

const INT_MAX = 2 ** 31 - 1;

function onlyArgument(args: readonly LuaValue[], name: string): void {
  if (args.length !== 1) throw argumentError(0, name, 'expected 1 argument');
}

function settingNumber(
  name: string,
  min: number,
  max: number,
  get: () => number,
  set: (value: number) => void,
): LuaFunction {
  return (...args) => {
    if (args[0] !== undefined) {
      const value = integerArgument(args, 0, name);
      if (value < min || value > max) throw argumentError(0, name, `expected integer between ${min} and ${max}`);
      set(value);
    }
    return get();
  };
}

function initialWriting(): JsonWriterOptions {
  return { depthMax: 1000, precision: 14, oddNumbers: 'refuse', sparse: { convert: false, ratio: 2, safe: 10 } };
}

/** The table `cjson`, with settings of its own. */
export function jsonLibrary(): LuaTable {
  const reading: JsonReaderOptions = { depthMax: 1000, oddNumbers: true };
  const writing = initialWriting();
  let keepBuffer = true;
  const { sparse } = writing;
  return LuaTable.from({
    _NAME: 'cjson',
    _VERSION: '2.1.0',
    decode(...args) {
      onlyArgument(args, 'decode');
      return new JsonReader(textArgument(args, 0, 'decode'), reading).read();
    },
    decode_invalid_numbers(value) {
      if (value !== undefined) reading.oddNumbers = value === true || value === 'on';
      return reading.oddNumbers;
    },
    decode_max_depth: settingNumber(
      'decode_max_depth',
      1,
      INT_MAX,
      () => reading.depthMax,
      (value) => {
        reading.depthMax = value;
      },
    ),
    encode(...args) {
      onlyArgument(args, 'encode');
      return writeJson(args[0], writing);
    },
    encode_invalid_numbers(value) {
      if (value !== undefined)
        writing.oddNumbers = value === 'null' ? 'null' : value === true || value === 'on' ? 'write' : 'refuse';
      return writing.oddNumbers === 'null' ? 'null' : writing.oddNumbers === 'write';
    },
    encode_keep_buffer(value) {
      if (value !== undefined) keepBuffer = value === true || value === 'on';
      return keepBuffer;
    },
    encode_max_depth: settingNumber(
      'encode_max_depth',
      1,
      INT_MAX,
      () => writing.depthMax,
      (value) => {
        writing.depthMax = value;
      },
    ),
    encode_number_precision: settingNumber(
      'encode_number_precision',
      1,
      14,
      () => writing.precision,
      (value) => {
        writing.precision = value;
      },
    ),
    encode_sparse_array(...args) {
      if (args[0] !== undefined) sparse.convert = args[0] === true || args[0] === 'on';
      if (args[1] !== undefined) sparse.ratio = integerArgument(args, 1, 'encode_sparse_array');
      if (args[2] !== undefined) sparse.safe = integerArgument(args, 2, 'encode_sparse_array');
      return [sparse.convert, sparse.ratio, sparse.safe];
    },
    new: () => jsonLibrary(),
    null: NULL_POINTER,
  });
}
