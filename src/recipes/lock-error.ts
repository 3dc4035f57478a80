import { KeyspanError } from '../core/errors.js';

/** A lock could not be used as requested: not acquired in time, released without being held, … */
export class LockError extends KeyspanError {}

/** The lock is not, or no longer, this holder's: its lease ended, and someone else may have it now. */
export class LockNotOwnedError extends LockError {}
