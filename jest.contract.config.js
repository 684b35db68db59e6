import base from './jest.config.js';

const { globalSetup, globalTeardown, testPathIgnorePatterns, ...shared } = base;

export default { ...shared, roots: ['<rootDir>/test/contract'] };
