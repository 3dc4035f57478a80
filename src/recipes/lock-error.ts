import { KeyspanError } from '../core/errors.js';

/** A lock could not be used as it was asked to: not acquired in time, released without being held … */
export class LockError extends KeyspanError {}

/** The lock is not (or no longer) this holder's: its lease ended, and perhaps another has it. */
export class LockNotOwnedError extends LockError {}
