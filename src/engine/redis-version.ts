/** The version of Redis whose commands and answers these are: HELLO, INFO, LOLWUT. */
export const REDIS_VERSION = '7.0.15';
