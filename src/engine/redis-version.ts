/** The version of Redis whose commands and answers these are: HELLO, INFO, LOLWUT. */
export const REDIS_VERSION = '7.0.15';

/** This package's own version, as package.json says. */
export const KEYSPAN_VERSION = '0.1.0';
