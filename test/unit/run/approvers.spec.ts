import { expect, it } from '@jest/globals';
import { allLeft, approversOf, matterBehind, rolesIn } from '../../../src/run/approvers.js';
import type { DirectoryEntry } from '../../../src/store/directory-entry.entity.js';

const entry = (kind: string, recordId: string, name: string, more: object = {}) =>
  ({ kind, recordId, name, active: 1, extra: {}, ...more }) as DirectoryEntry;
const known = [
  entry('user', '9', 'Ann Reed', { extra: { email: 'Ann@firm.example' } }),
  entry('user', '8', 'Bob Ray', { active: 0, extra: { email: 'bob@firm.example' } }),
  entry('user', '7', 'Cy Ito', { extra: { email: 'cy@firm.example', gone: true } }),
  entry('group', '3', 'Partners'),
];
const facts = {
  matter: { responsible_attorney: { id: 9 }, originating_attorney: { id: 8 }, responsible_staff: null },
};
const ask = (asked: string, entries = known) => approversOf([asked], facts, entries);

it.each([
  ['role:responsible_attorney', { id: '9', name: 'Ann Reed', email: 'Ann@firm.example' }],
  ['user:ann@firm.example', { id: '9', name: 'Ann Reed' }],
  ['ann@firm.example', { id: '9', name: 'Ann Reed' }],
  ['group:Partners', { id: '3', name: 'Partners', email: null }],
])('asks %s', (asked, person) => {
  expect(ask(asked)).toMatchObject({ people: [{ asked, ...person }], problems: [] });
});

it('takes no group for a user of the same number or name', () => {
  const same = [entry('group', '9', 'Ninth'), ...known, entry('user', '12', 'Partners')];
  expect(ask('role:responsible_attorney', same).people).toMatchObject([{ id: '9', name: 'Ann Reed' }]);
  expect(ask('group:Partners', same).people).toMatchObject([{ id: '3' }]);
  expect(ask('group:Partners', [entry('user', '12', 'Partners')]).people).toMatchObject([{ id: '' }]);
});

it.each([
  ['role:originating_attorney', 'Bob Ray is not active at the firm any more'],
  ['role:responsible_staff', 'the matter has no responsible_staff'],
  ['user:cy@firm.example', 'Cy Ito is not active'],
  ['user:dee@firm.example', 'the firm has nobody of that name'],
  ['group:Nobody', 'the firm has nobody of that name'],
])('says why %s cannot be asked', (asked, why) => {
  expect(ask(asked)).toMatchObject({ people: [], problems: [expect.stringContaining(why)] });
});

it('takes everybody to be there while nobody has read the lists', () => {
  expect(ask('user:dee@firm.example', []).people).toEqual([
    { asked: 'user:dee@firm.example', id: '', name: 'dee@firm.example', email: null },
  ]);
});

it.each<[string[], string[]]>([
  [['role:responsible_attorney'], []],
  [['group:Partners'], []],
  [['user:ann@firm.example'], []],
  [['user:cy@firm.example', 'user:ann@firm.example'], []],
  [['user:cy@firm.example'], ['Cy Ito is not active']],
  [
    ['role:originating_attorney', 'user:dee@firm.example'],
    ['Bob Ray is not active', 'nobody of that name'],
  ],
  [[], []],
])('knows whether all of %j have left since they were asked', (asked, why) => {
  const { people } = approversOf(asked, facts, []);
  expect(allLeft(people, known)).toEqual(why.map((one) => expect.stringContaining(one) as unknown));
  expect(allLeft(people, [])).toEqual([]);
});

it.each([
  ['matter', { matter: { id: 1 } }, null],
  ['task', { task: { matter: { id: 7 } } }, '7'],
  ['bill', { bill: { matters: [{ id: '8' }, { id: 9 }] } }, '8'],
  ['contact', { contact: { id: 3 } }, null],
])('finds the matter behind a %s', (model, record, id) => {
  expect(matterBehind(record, model)).toBe(id);
});

it('takes the roles out of those who are asked', () => {
  expect(rolesIn(['role:responsible_attorney', 'group:Partners', 'ann@firm.example'])).toEqual([
    'responsible_attorney',
  ]);
});
