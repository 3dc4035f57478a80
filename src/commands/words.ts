/**
 * The words in which commands are declared, in one place: the files of the groups, of which there are dozens, each have
 * one module to look up instead of ten, and looking up is what most of the time of an import goes to.
 */
export * from './by-hand.js';
export * from './exact-integer.js';
export * from './fields.js';
export * from './follow.js';
export * from './grammar.js';
export { int, value } from './grammar.js';
export * from './key-spec.js';
export * from './kind.js';
export * from './options.js';
export * from './precedence.js';
export * from './scan.js';
export * from './shape.js';
export { int as intReply, value as valueReply } from './shape.js';
export * from './spec.js';
export * from './strict-end.js';
export * from './version.js';
