import { describe, expect, it } from '@jest/globals';
import { RuleError } from '../../../src/lib/errors.js';
import type { JsonObject } from '../../../src/lib/json.js';
import { analyseTemplate, compileTemplate } from '../../../src/rules/template.js';
import { MissingValue } from '../../../src/rules/unknown.js';

const facts: JsonObject = {
  matter: {
    id: 77,
    display_number: '00077-Doe',
    client: { name: "O'Brien & Sons <LLP>" },
    stage: null,
    billable: false,
  },
  bill: {
    total: 1234.5,
    fee: '99.9',
    zero: 0,
    due_at: '2026-04-01',
    issued_at: '2026-03-02T23:30:00-08:00',
    credits: null,
    currency: { code: 'EUR' },
    matters: [
      { id: 77, number: 'A', tags: ['x', 'y'] },
      { id: 78, number: 'B', tags: [] },
    ],
    none: [],
    label: 'a longer text',
  },
  now: '2026-03-06T23:50:00Z',
  rule: { timezone: 'America/Los_Angeles' },
};

const render = (text: string, html = false, more: JsonObject = {}) =>
  compileTemplate(text, { html, path: 'with/text' }).render({ ...facts, ...more });

describe('a text', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{{matter.id}}', '77'],
    ['Matter {{ matter.display_number }}!', 'Matter 00077-Doe!'],
    ['{{matter.billable}}', 'false'],
    ['{{bill.matters.1.number}}', 'B'],
    ['{{bill.matters.length}}', '2'],
    ['{{#if matter.stage}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if matter.gone.deep}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if bill.none}}yes{{/if}}', ''],
    ['{{#unless matter.stage}}none{{/unless}}', 'none'],
    ['{{#if matter.stage}}a{{else if bill.total}}b{{else}}c{{/if}}', 'b'],
    ['{{#each bill.matters}}{{number}}{{@index}}{{#unless @last}}, {{/unless}}{{/each}}', 'A0, B1'],
    ['{{#each bill.matters as |m|}}{{m.number}}-{{@root.matter.id}} {{/each}}', 'A-77 B-77 '],
    ['{{#each bill.matters as |m i|}}{{i}}{{#each m.tags}}{{this}}{{../id}}{{/each}}{{/each}}', '0x77y771'],
    ['{{#each bill.none}}x{{else}}nothing{{/each}}', 'nothing'],
    ['{{#with matter.client}}{{name}}{{/with}}', "O'Brien & Sons <LLP>"],
    ['{{#with matter.client as |c|}}{{c.name}} {{../matter.id}}{{/with}}', "O'Brien & Sons <LLP> 77"],
    ['{{#each bill.matters as |date|}}{{#with date}}{{id}}{{/with}}{{/each}}', '7778'],
    ['{{! a note to oneself }}x', 'x'],
    ['line\n{{#if matter.id}}\nkept\n{{/if}}\nend', 'line\nkept\nend'],
    ['\\{{matter.id}}', '{{matter.id}}'],
    ['{{exists matter.stage}} {{exists matter.id}}', 'false true'],
  ])('%j becomes %j', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it('is escaped only where HTML is read', () => {
    expect(render('{{matter.client.name}} & co', true)).toBe('O&#x27;Brien &amp; Sons &lt;LLP&gt; & co');
    expect(render('{{matter.client.name}} & co')).toBe("O'Brien & Sons <LLP> & co");
  });
});

describe('helpers', () => {
  it.each([
    ["{{date bill.due_at 'D MMM YYYY'}}", '1 Apr 2026'],
    ['{{date bill.issued_at}}', '2026-03-02'],
    ["{{date now 'D MMM [at] HH:mm'}}", '6 Mar at 15:50'],
    ["{{date (default bill.credits bill.due_at) 'YYYY'}}", '2026'],
    ['{{date bill.due_at bill.label}}', 'RuleError'],
    ['{{date matter.id}}', 'RuleError'],
    ['{{#if (date bill.credits)}}x{{/if}}', 'MissingValue'],
    ['{{money bill.total}}', '1,234.50'],
    ["{{money bill.total 'USD'}}", '$1,234.50'],
    ['{{money bill.fee bill.currency.code}}', '€99.90'],
    ["{{money bill.total 'dollars'}}", 'RuleError'],
    ['{{money bill.total 5}}', 'RuleError'],
    ['{{money bill.label}}', 'RuleError'],
    ["{{money ''}}", 'RuleError'],
    ['{{money matter.billable}}', 'RuleError'],
    ['{{business_days 1 now}}', '2026-03-09'],
    ['{{date (business_days 3 bill.due_at) "D MMM"}}', '6 Apr'],
    ['{{business_days 1.5 now}}', 'RuleError'],
    ['{{business_days 1 matter.id}}', 'RuleError'],
    ["{{default matter.stage 'none'}}", 'none'],
    ["{{default matter.gone.deep bill.zero 'none'}}", '0'],
    ['{{default matter.stage matter.gone}}', 'RuleError'],
    ['{{eq matter.id 77}} {{ne matter.id 77}}', 'true false'],
    ['{{#if (eq matter.stage null)}}null{{/if}}', 'null'],
    ['{{#if (eq matter.gone null)}}gone{{/if}}', 'gone'],
    ["{{eq bill.issued_at '2026-03-03T07:30:00Z'}}", 'true'],
    ['{{gt bill.total 5}}{{gte bill.zero 0}}{{lt bill.total 5}}{{lte bill.zero 0}}', 'truetruefalsetrue'],
    ["{{lt bill.due_at '2026-04-02'}}", 'true'],
    ['{{#if (gt bill.credits 0)}}credits{{else}}none{{/if}}', 'none'],
    ['{{#if (gt bill.label 0)}}credits{{/if}}', 'RuleError'],
    ['{{gt bill.credits 0}}', 'MissingValue'],
    ['{{#if (and matter.id (not matter.stage))}}ok{{/if}}', 'ok'],
    ['{{#if (or matter.stage bill.none)}}ok{{else}}no{{/if}}', 'no'],
    ['{{not matter.stage}}', 'MissingValue'],
    [
      "{{plural 1 'bill'}}, {{plural 2 'bill'}}, {{plural bill.zero 'child' 'children'}}",
      '1 bill, 2 bills, 0 children',
    ],
    [
      "{{plural (default matter.stage 'no') 'open task'}}, {{plural '1,000' 'page'}}",
      'no open tasks, 1,000 pages',
    ],
    ["{{plural (eq matter.id 77) 'page'}}", 'RuleError'],
    ["{{plural (default matter.stage '') 'page'}}", 'RuleError'],
    ['{{truncate bill.label 8}}|{{truncate bill.label 13}}', 'a longe…|a longer text'],
    ['{{truncate bill.label 0}}', 'RuleError'],
    ['{{truncate bill 8}}', 'RuleError'],
    ["{{plural bill 'page'}}", 'RuleError'],
    ["{{link 'bill' bill}}", 'RuleError'],
    ["{{truncate bill.label 'x'}}", 'RuleError'],
    ["{{link 'matter' matter.id}}", 'https://app.clio.com/nc/#/matters/77'],
    ["{{link 'user' matter.id}}", 'RuleError'],
    ["{{link 'constructor' matter.id}}", 'RuleError'],
    ["{{join bill.matters 'number'}}", 'A, B'],
    ['{{join bill.matters.0.tags}}', 'x, y'],
    ["{{join bill.matters 'number' ' and '}}", 'A and B'],
    ["{{join bill.matters 'tags'}}", 'RuleError'],
    ["{{join bill.matters 'name'}}", 'MissingValue'],
    ['{{join matter.id}}', 'RuleError'],
  ])('%s gives %s', (text, expected) => {
    let result: string;
    try {
      result = render(text);
    } catch (error) {
      result = (error as Error).name;
    }
    expect(result).toBe(expected);
  });

  it("links to the firm's own region", () => {
    expect(render("{{link 'bill' 5}}", false, { event: { clio_url: 'https://eu.app.clio.com' } })).toBe(
      'https://eu.app.clio.com/nc/#/bills/5',
    );
  });
});

describe('what cannot be written', () => {
  it.each([
    ['{{matter.stage}}', 'matter.stage is empty'],
    ['{{matter.stage.name}}', 'matter.stage.name is empty'],
    ['{{matter.nmae}}', 'matter.nmae is missing'],
    ['{{constructor.name}}', 'constructor.name is missing'],
    ['{{matter.__proto__}}', 'matter.__proto__ is missing'],
    ['{{#each matter.items}}x{{/each}}', 'matter.items is missing'],
    ['{{#with matter.stage}}x{{/with}}', 'matter.stage is empty'],
    ['{{#each bill.matters}}{{matter.id}}{{/each}}', 'matter.id is missing'],
  ])('%s: %s', (text, message) => {
    expect(() => render(text)).toThrow(MissingValue);
    expect(() => render(text)).toThrow(`with/text: ${message}. Say what to write instead`);
  });

  it.each([
    ['{{matter.client}}', /a record cannot be written as text/],
    ['{{bill.matters}}', /a list cannot be written as text/],
    ['{{this}}', /a record cannot be written as text/],
    ['{{#each matter.client}}x{{/each}}', /"#each" takes a list/],
  ])('%s', (text, message) => {
    expect(() => render(text)).toThrow(message);
    expect(() => render(text)).toThrow(RuleError);
  });

  it('is a text of more than 100,000 characters', () => {
    const long = { matter: { text: 'x'.repeat(60_000) } };
    expect(() => render('{{matter.text}}{{matter.text}}', false, long)).toThrow(/has 120000 characters/);
  });
});

describe('what is refused when the rule is read', () => {
  it.each([
    ['{{matter.id', /cannot be read as a template: a {{ is not closed with }}/],
    ['{{#if matter.id}}x', /cannot be read as a template/],
    ['{{#if a}}x{{/each}}', /{{#if}} is closed with {{\/each}}; write {{\/if}}/],
    ['{{upper matter.id}}', /there is no helper "upper"/],
    ['{{dat matter.id}}', /there is no helper "dat". Did you mean "date"\?/],
    ['{{lookup matter "id"}}', /there is no helper "lookup"/],
    ['{{log matter.id}}', /there is no helper "log"/],
    ['{{#matter.client}}x{{/matter.client}}', /is a path and opens no block/],
    ['{{#matter.client x}}x{{/matter.client}}', /is a path and opens no block/],
    ['{{#if}}x{{/if}}', /A block is written/],
    ['{{#if a b}}x{{/if}}', /A block is written/],
    ['{{^if a}}x{{/if}}', /A block is written/],
    ['{{#date a}}x{{/date}}', /"date" opens no block/],
    ['{{if a}}', /"if" opens a block/],
    ['{{date}}', /"date" takes 1 to 2 arguments, and gets 0/],
    ['{{eq 1}}', /"eq" takes 2 arguments, and gets 1/],
    ['{{and}}', /"and" takes 1 or more arguments, and gets 0/],
    ["{{date now format='D'}}", /"date" takes no named arguments/],
    ["{{date now 'yyyy'}}", /the date pattern "yyyy" is not known/],
    ['{{{matter.id}}}', /would switch off escaping/],
    ['{{&matter.id}}', /would switch off escaping/],
    ['{{> letterhead}}', /A partial is written .* decorators do not exist here/],
    ['{{@foo}}', /"@foo" does not exist/],
    ['{{@index.x}}', /"@index.x" does not exist/],
    ['{{../matter.id}}', /leads out of the text/],
  ])('%s', (text, message) => {
    expect(() => compileTemplate(text, { html: false, path: 'with/text' })).toThrow(message);
  });

  it('is refused as an invalid rule, with its place', () => {
    const compile = () => compileTemplate('{{nope 1}}', { html: false, path: 'actions/0/with/name' });
    expect(compile).toThrow(
      expect.objectContaining({ code: 'rule.invalid', details: { path: 'actions/0/with/name' } }),
    );
  });
});

describe('analyseTemplate', () => {
  const paths = (text: string) =>
    analyseTemplate(text).paths.map(({ path, guarded }) => path.join('.') + (guarded ? '?' : ''));

  it.each([
    ['{{a.b}} and {{c.0.d}}', ['a.b', 'c.0.d']],
    ["{{date (default a.b c.d) 'D'}}", ['a.b?', 'c.d?']],
    ['{{#if a.b}}{{a.b}} {{a.c}}{{else}}{{a.b}}{{/if}}', ['a.b?', 'a.b?', 'a.c', 'a.b']],
    ['{{#if (and (exists a.b) (gt a.n 0))}}{{a.b}}{{a.n}}{{/if}}', ['a.b?', 'a.n?', 'a.b?', 'a.n?']],
    ['{{#if (or a.b a.c)}}{{a.b}}{{/if}}', ['a.b?', 'a.c?', 'a.b']],
    ['{{#if true}}{{a.b}}{{/if}}', ['a.b']],
    ['{{#if @first}}{{a.b}}{{/if}}', ['a.b']],
    ['{{#unless a.b}}{{a.b}}{{/unless}}', ['a.b?', 'a.b']],
    [
      '{{#each l.x}}{{id}} {{this.id}} {{./id}} {{../a}} {{@root.b.c}} {{@index}}{{/each}}',
      ['l.x', 'l.x.0.id', 'l.x.0.id', 'l.x.0.id', 'a', 'b.c'],
    ],
    [
      '{{#each l as |x i|}}{{x.id}}{{i}}{{id}}{{#each x.m as |y|}}{{y}}{{x.k}}{{../n}}{{/each}}{{/each}}',
      ['l', 'l.0.id', 'l.0.id', 'l.0.m', 'l.0.m.0', 'l.0.k', 'l.0.n'],
    ],
    ['{{#with a.b as |c|}}{{c.d}} {{d}} {{../e}}{{else}}{{f}}{{/with}}', ['a.b', 'a.b.d', 'a.b.d', 'e', 'f']],
    ['{{#each (default a.l a.m)}}{{id}}{{/each}}', ['a.l?', 'a.m?']],
    ['{{#each a.l}}{{#if (exists id)}}{{id}}{{/if}}{{/each}}', ['a.l', 'a.l.0.id?', 'a.l.0.id?']],
    ['{{#each (default a.l a.m)}}{{#if id}}{{id}}{{/if}}{{/each}}', ['a.l?', 'a.m?']],
    ['{{nope a.b}}', ['a.b?']],
    ['{{this}}', []],
  ])('%s reads %j', (text, expected) => {
    expect(paths(text)).toEqual(expected);
  });

  it('says where paths and helpers stand, unknown ones too', () => {
    expect(analyseTemplate('x\n {{a.b}} {{nope (date c)}}{{#if d}}{{/if}}')).toEqual({
      isSole: false,
      doubts: [],
      paths: [
        { path: ['a', 'b'], line: 2, column: 4, guarded: false },
        {
          ...{ path: ['c'], line: 2, column: 23, guarded: false },
          test: { operator: 'date', called: 'date', values: [] },
        },
        { path: ['d'], line: 2, column: 33, guarded: true },
      ],
      helpers: [
        { name: 'nope', line: 2, column: 10 },
        { name: 'date', line: 2, column: 17 },
        { name: 'if', line: 2, column: 27 },
      ],
    });
  });

  it.each([
    ['ok\n{{a.b', 2, 1],
    ['{{#if a}}\nx{{/each}}', 1, 1],
    ['x\n  {{{a}}}', 2, 3],
    ['{{../a}}', 1, 3],
  ])('says where %j cannot be read', (text, line, column) => {
    expect(analyseTemplate(text).error).toMatchObject({ line, column });
  });
});

it('compiles a text once and forgets the oldest', () => {
  for (let index = 0; index < 2100; index++) render(`${index} {{matter.id}}`);
  expect(render('0 {{matter.id}}')).toBe('0 77');
});
