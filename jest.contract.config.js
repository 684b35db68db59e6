import base from './jest.config.js';

export default {
  ...base,
  testPathIgnorePatterns: [],
  roots: ['<rootDir>/test/contract'],
};
