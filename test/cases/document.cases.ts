import type { ActionCase } from '../support/action-case.js';

const aFolder: NonNullable<ActionCase['prepare']> = (control) =>
  void control.create('folder', { name: 'Pleadings', parent: { id: 1, type: 'Matter' } });

export const cases: ActionCase[] = [
  {
    action: 'clio.document.upload',
    input: {
      name: 'Summary',
      text: '<p>Dissolution</p>',
      format: 'html',
      matter: 1,
      folder: { name: 'Pleadings' },
      document_category: { name: 'Correspondence' },
    },
    prepare: aFolder,
  },
  { action: 'clio.document.upload', input: { name: 'Summary.txt', text: 'Dissolution', contact: 1 } },
  {
    action: 'clio.document.upload',
    input: { name: 'Table', text: 'a,b', format: 'csv', folder: 2 },
    prepare: aFolder,
  },
  {
    action: 'clio.document.generate',
    input: {
      matter: 1,
      document_template: { name: 'Engagement letter.docx' },
      filename: 'Engagement letter - Doe',
      formats: ['pdf', 'original'],
    },
  },
  {
    action: 'clio.document.generate',
    input: { matter: 1, document_template: 2, filename: 'Closing letter' },
  },
  {
    action: 'clio.folder.create',
    input: { name: 'Pleadings', matter: 1, document_category: { name: 'Correspondence' } },
  },
  {
    action: 'clio.folder.create',
    input: { name: 'Drafts', matter: 1, folder: { name: 'Pleadings' } },
    prepare: aFolder,
  },
  { action: 'clio.folder.create', input: { name: 'Letters', contact: 1 } },
];
