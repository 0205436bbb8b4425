export * from './assume-role.js';
export * from './explain-refusal.js';
export * from './id-token.js';
export * from './role.js';
