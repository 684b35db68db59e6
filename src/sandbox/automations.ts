import type { Data } from './check-attributes.js';
import { asText, Reference, type Firm, type StoredRecord, type Value } from './firm.js';
import type { Timers } from './timers.js';

/** How long an automation waits in the queue, and how long it then takes. */
const QUEUED_MS = 10_000;
const AT_WORK_MS = 20_000;

const EXTENSIONS: Readonly<Record<string, string>> = { pdf: 'pdf', original: 'docx' };

/** Carries out document automations as time passes. `make` creates a document as a person would and gives its id. */
export function runAutomations(firm: Firm, timers: Timers, make: (document: Data) => Value): void {
  const move = (record: StoredRecord, from: string, changes: () => Record<string, Value>) => {
    // What a test has decided about an automation (`failed`) stays so.
    if (record.values['state'] === from) firm.change(record, changes(), true);
  };
  firm.onChange(({ event, record }) => {
    if (record.model !== 'document_automation' || event !== 'created') return;
    timers.after(QUEUED_MS, () => move(record, 'queued', () => ({ state: 'in_progress' })));
    timers.after(QUEUED_MS + AT_WORK_MS, () =>
      move(record, 'in_progress', () => ({ state: 'completed', documents: documentsOf(record, make) })),
    );
  });
}

function documentsOf({ values }: StoredRecord, make: (document: Data) => Value): Value[] {
  const { matter, filename, formats } = values;
  if (!(matter instanceof Reference) || !Array.isArray(formats)) return [];
  return formats.map((format) => {
    const name = `${asText(filename)}.${EXTENSIONS[asText(format)] ?? 'docx'}`;
    const id = make({ name, filename: name, parent: { id: Number(matter.id), type: 'Matter' } });
    return new Reference('document', asText(id));
  });
}
