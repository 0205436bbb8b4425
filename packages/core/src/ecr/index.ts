export * from './login.js';
export * from './registries.js';
