export * from './find-image.js';
export * from './locate.js';
export * from './login.js';
export * from './registries.js';
export * from './repository.js';
export * from './ship-image.js';
export * from './push-target-state.js';
