import { KeyspanError } from '../../core/errors.js';

/** Bytes that are no RDB data, or not all of it. `offset` is where in the payload or file that was noticed. */
export class RdbError extends KeyspanError {
  readonly offset: number;
  readonly reason: string;

  constructor(reason: string, offset: number) {
    super(`${reason} at offset ${offset}`);
    this.offset = offset;
    this.reason = reason;
  }
}

/** Makes the error for what is wrong with a part of the data: `throw corrupt('…')`. */
export type Corrupt = (reason: string) => RdbError;
