import { expect, it } from '@jest/globals';
import { dialectOf } from '../../src/store/dialect.js';

it.each([
  ['sqlite:data/praetor.sqlite', 'data/praetor.sqlite'],
  ['postgres://ada:hush@db.example:5433/firm', 'postgres://db.example:5433/firm'],
  ['postgres://:hush@h/d', 'postgres://h/d'],
  ['postgresql://h/d?user=u&password=hush', 'postgres://h/d'],
  ['postgres://u:hu/sh@h/d', 'PostgreSQL'],
  ['postgres://u:1/hush@h/d', 'PostgreSQL'],
  ['postgres://u:1@2/hush@h/d', 'PostgreSQL'],
  ['postgres://u:hush#1@h/d', 'PostgreSQL'],
])('calls %s %s in messages', (url, label) => {
  expect(dialectOf(url).label).toBe(label);
  expect(label).not.toContain('hush');
});
