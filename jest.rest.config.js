import base from './jest.config.js';
import { covering } from './jest.coverage.config.js';

/** What `jest.coverage.config.js` leaves out: both together are `npm test`. */
export default {
  ...base,
  testPathIgnorePatterns: [...base.testPathIgnorePatterns, ...covering],
};
