import { eventDetail, eventsPage, type EventDetail } from '../admin/event-views.js';
import { runsPage } from '../admin/run-views.js';
import { runStoryView, type RunStory } from '../admin/run-story.js';
import { InvariantError } from '../lib/errors.js';
import type { SandboxControl } from '../sandbox/control.js';
import type { EngineApi } from './engine-api.js';
import { until } from './poll.js';

/** Who plays: the law firm at the sandbox, and the engine as seen through its API. */
export interface Stage {
  control: SandboxControl;
  api: EngineApi;
}

/** What one act of the day led to. */
export interface PlayedScene {
  title: string;
  /** How often each delivery was made, by the answer's status; a forged one counts. */
  answers: number[];
  events: EventDetail[];
  /** The runs that the events set off. */
  runs: RunStory[];
}

/** What the acts have made so far. */
interface Cast {
  matter: number;
  bill: number;
}

interface Act {
  title: string;
  /** Gives the status of a delivery that is not Clio's own. */
  play: (control: SandboxControl, cast: Cast) => void | Promise<number>;
}

const CLIENT = 1;
const ATTORNEY = 1;

const acts: readonly Act[] = [
  {
    title: 'matter opened, no practice area yet',
    play: (control, cast) => {
      const responsible = { responsible_attorney: { id: ATTORNEY } };
      const made = { client: { id: CLIENT }, description: 'Dissolution', status: 'open', ...responsible };
      cast.matter = Number(control.create('matter', made)['id']);
    },
  },
  {
    title: 'practice area filled in: Family',
    play: (control, { matter }) => {
      const family = idOf(control, 'practice_area', { name: 'Family' });
      control.update('matter', matter, { practice_area: { id: family } });
    },
  },
  { title: 'stage moved: Discovery', play: (control, cast) => moveTo(control, cast, 'Discovery') },
  {
    title: 'bill drafted',
    play: (control, cast) => {
      const amounts = { total: 12_500, number: '1042' };
      const bill = { state: 'draft', matters: [{ id: cast.matter }], client: { id: CLIENT }, ...amounts };
      cast.bill = Number(control.create('bill', bill)['id']);
    },
  },
  {
    title: 'bill handed in for approval',
    play: (control, { bill }) => void control.update('bill', bill, { state: 'awaiting_approval' }),
  },
  {
    title: 'bill approved',
    play: (control, { bill }) => void control.update('bill', bill, { state: 'awaiting_payment' }),
  },
  {
    title: 'bill paid',
    play: (control, { bill }) => void control.update('bill', bill, { state: 'paid' }),
  },
  {
    title: 'client renamed: Jane Smith',
    play: (control) => void control.update('contact', CLIENT, { last_name: 'Smith', name: 'Jane Smith' }),
  },
  {
    title: 'stage moved: Settlement, delivered twice',
    play: (control, cast) => {
      control.fault({ on: 'delivery', kind: 'duplicate' });
      moveTo(control, cast, 'Settlement');
    },
  },
  {
    title: 'forged delivery',
    play: (control, { matter }) => {
      const webhook = idOf(control, 'webhook', { model: 'matter' });
      const data = { id: matter, etag: '"forged"', status: 'Open', practice_area: { id: 1, name: 'Family' } };
      const body = { data, meta: { event: 'created', webhook_id: webhook } };
      return control.forge(webhook, body, '0'.repeat(64));
    },
  },
];

/** Plays the day, act by act; each begins when all that the one before set off has come to rest. */
export async function playDay({ control, api }: Stage): Promise<PlayedScene[]> {
  const cast: Cast = { matter: 0, bill: 0 };
  const seen = new Set<string>();
  const scenes: PlayedScene[] = [];
  for (const { title, play } of acts) {
    const before = control.deliveries().length;
    const forged = await play(control, cast);
    await quiet(control, api);
    const delivered = control.deliveries().slice(before);
    const answers = delivered.map(({ status }) => (typeof status === 'number' ? status : 0));
    if (typeof forged === 'number') answers.push(forged);
    const events = await newEvents(api, seen);
    scenes.push({ title, answers, events, runs: await runsOf(api, events) });
  }
  return scenes;
}

/** Every delivery is made, every event decided, every run at its end. */
async function quiet(control: SandboxControl, api: EngineApi): Promise<void> {
  await control.settle();
  await until('the engine is still at work', async () => {
    for (const path of ['events?status=received', 'events?status=ready', 'runs?status=running']) {
      const { data } = await api.get(path, path.startsWith('runs') ? runsPage : eventsPage);
      if (data.length > 0) return false;
    }
    return true;
  });
}

/** The events that came since the last look, oldest first. */
async function newEvents(api: EngineApi, seen: Set<string>): Promise<EventDetail[]> {
  const { data } = await api.get('events?limit=200', eventsPage);
  const fresh = data.filter(({ id }) => !seen.has(id)).reverse();
  for (const { id } of fresh) seen.add(id);
  return Promise.all(fresh.map(({ id }) => api.get(`events/${id}`, eventDetail)));
}

async function runsOf(api: EngineApi, events: readonly EventDetail[]): Promise<RunStory[]> {
  const ids = events.flatMap(({ decisions }) => decisions.flatMap(({ run_id }) => run_id ?? []));
  return Promise.all(ids.map((id) => api.get(`runs/${id}`, runStoryView)));
}

function moveTo(control: SandboxControl, { matter }: Cast, stage: string): void {
  const practice_area_id = idOf(control, 'practice_area', { name: 'Family' });
  const id = idOf(control, 'matter_stage', { name: stage, practice_area_id });
  control.update('matter', matter, { matter_stage: { id } });
}

function idOf(control: SandboxControl, model: string, wanted: Record<string, string | number>): number {
  const found = control
    .records(model)
    .find((record) =>
      Object.entries(wanted).every(([field, value]) => String(record[field] as string) === String(value)),
    );
  if (found !== undefined) return Number(found['id']);
  throw new InvariantError(
    `The sandbox has no ${model} with ${JSON.stringify(wanted)}; its seeds and the demo no longer fit.`,
  );
}
