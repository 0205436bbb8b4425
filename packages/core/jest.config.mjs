import base from '../../jest.base.mjs';

export default { ...base, setupFiles: ['<rootDir>/test/generated-documents.ts'] };
