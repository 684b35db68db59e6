import { describe, expect, it } from '@jest/globals';
import { hasMarker, withMarker } from '../../../src/act/marker.js';

const marker = 'Automation K7Q2M4AB';

describe('withMarker', () => {
  it.each([
    { text: 'Call the client.', type: undefined, then: 'Call the client.\n\nAutomation K7Q2M4AB' },
    { text: 'Call the client.\n\n', type: 'plain_text', then: 'Call the client.\n\nAutomation K7Q2M4AB' },
    { text: '', type: undefined, then: 'Automation K7Q2M4AB' },
    { text: '<p>Call.</p>', type: 'rich_text', then: '<p>Call.</p><p>Automation K7Q2M4AB</p>' },
    { text: '', type: 'rich_text', then: '<p>Automation K7Q2M4AB</p>' },
  ])('ends $text ($type) with a line of its own', ({ text, type, then }) => {
    expect(withMarker(text, marker, type)).toBe(then);
    expect(hasMarker(then, marker)).toBe(true);
  });
});

it.each(['Call. \n', '', '<p>Call.</p>'])('a rule that wants no marker keeps its text: %j', (text) => {
  expect(withMarker(text, null, 'rich_text')).toBe(text);
});

describe('hasMarker', () => {
  it.each([
    { name: 'a line added below by a person', text: `Call.\n\n${marker}\nCalled on Monday.`, then: true },
    { name: 'line ends of another system', text: `Call.\r\n\r\n${marker}\r\n`, then: true },
    {
      name: 'a paragraph rewritten by Clio',
      text: `<div>Call.</div><div><b>${marker}</b></div>`,
      then: true,
    },
    { name: 'the marker inside a sentence', text: `See ${marker} for more.`, then: false },
    { name: 'a longer reference', text: `Call.\n\n${marker}X`, then: false },
    { name: 'another reference', text: 'Call.\n\nAutomation 00000000', then: false },
    { name: 'no text', text: null, then: false },
  ])('$name: $then', ({ text, then }) => {
    expect(hasMarker(text, marker)).toBe(then);
  });
});
