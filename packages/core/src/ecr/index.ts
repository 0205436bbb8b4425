export * from './find-image.js';
export * from './login.js';
export * from './registries.js';
export * from './repository.js';
