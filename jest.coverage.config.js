import base from './jest.config.js';

/** What covers rules, match and run. Collecting over every flow would take as long again. */
export const covering = [
  '/test/unit/(rules|match|run|cli)/.*[.]spec[.]ts$',
  '/test/stage/(match|run|backtest|debounce|control|flow|schedule|lookups|late-decisions|admin-approvals|admin-jobs|admin-rules|engine-stop|interventions|retry-and-replay)[^/]*[.]spec[.]ts$',
  '/test/flow/(by-the-clock|debounce|edited-approval|flow|lookups|revert)[.]spec[.]ts$',
];

export default {
  ...base,
  testMatch: undefined,
  testRegex: covering,
  collectCoverage: true,
  collectCoverageFrom: ['src/rules/**/*.ts', 'src/match/**/*.ts', 'src/run/**/*.ts', '!src/**/*.module.ts'],
  coverageProvider: 'v8',
  coverageThreshold: {
    './src/rules/': { branches: 95 },
    './src/match/': { branches: 95 },
    './src/run/': { branches: 95 },
  },
};
