export * from './docker-config.js';
export * from './ecr-host.js';
export * from './manifest.js';
export * from './oci-layout.js';
export * from './push-layout.js';
export * from './reference.js';
export * from './registry-client.js';
export { RegistryFailure } from './registry-failure.js';
