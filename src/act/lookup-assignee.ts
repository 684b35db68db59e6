import { z } from 'zod';
import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { recordId } from './input-fields.js';
import { lookup, noMatch } from './lookup-list.js';
import { ambiguous, resolveNamed } from './named-record.js';

const roles = ['responsible_attorney', 'originating_attorney', 'responsible_staff'] as const;
export const matterRole = z.enum(roles);
type Role = z.infer<typeof matterRole>;

/** Who gets a task: a user's id, a role on the matter, or a user's e-mail address or name. */
export const assignee = z.union([
  recordId,
  z.strictObject({ role: matterRole }),
  z.strictObject({ user: z.email() }),
  z.strictObject({ name: z.string().min(1) }),
]);
export type Assignee = z.infer<typeof assignee>;

/**
 * The user's id. Throws UpstreamError `clio.no_match` that names the role and matter, or the address or name with those
 * that there are, `clio.ambiguous` with the users that share one.
 */
export async function lookupAssignee(
  wanted: Assignee,
  matterId: number | undefined,
  context: ActionContext,
): Promise<number> {
  if (typeof wanted === 'number') return wanted;
  if ('user' in wanted) return lookupUser(wanted.user, context);
  if ('name' in wanted) return resolveNamed('user', wanted, context);
  if (matterId === undefined) {
    throw noMatch(
      `The role ${wanted.role} is a role on a matter, and the step names none. Add "matter" to its "with".`,
      {
        role: wanted.role,
      },
    );
  }
  return lookupRole(wanted.role, matterId, context);
}

const userList = { path: 'users', query: { fields: 'id,name,email,enabled' } };

async function lookupUser(email: string, context: ActionContext): Promise<number> {
  const addressOf = ({ email: address }: ClioRecord) => (typeof address === 'string' ? address : '');
  const hasAddress = (user: ClioRecord) => addressOf(user).toLowerCase() === email.toLowerCase();
  const active = (users: readonly ClioRecord[]) => users.filter(({ enabled }) => enabled !== false);
  const user = await lookup(
    userList,
    (users) => {
      const hits = active(users).filter(hasAddress);
      return hits.length === 1 ? hits[0] : undefined;
    },
    (users) => {
      const hits = active(users).filter(hasAddress);
      if (hits.length > 1) return ambiguous('users with the e-mail address', email, hits);
      const why = users.some(hasAddress) ? 'The user is not active in Clio who has' : 'No user in Clio has';
      const known = active(users).map(addressOf).filter(Boolean);
      return noMatch(
        `${why} the e-mail address ${email}.${didYouMean(email, known)} Active are: ${known.join(', ')}. ` +
          `Correct the address in the rule, or the user in Clio.`,
        { email },
      );
    },
    context,
  );
  return Number(user.id);
}

async function lookupRole(role: Role, matterId: number, context: ActionContext): Promise<number> {
  const matter = await readPeople(matterId, context);
  if (matter === undefined) {
    throw noMatch(
      `Clio shows no matter ${matterId} to this connection. Check the matter's id and who may see it.`,
      {
        matter: matterId,
      },
    );
  }
  const user = matter[role];
  if (isObject(user) && typeof user.id === 'number') return user.id;
  throw noMatch(
    `Matter ${matterId} has no ${role.replace('_', ' ')} (${role}), so the role means nobody. ` +
      `Set one on the matter in Clio, or name a user in the rule.`,
    { role, matter: matterId },
  );
}

/** Clio's limit for one list call. */
const MOST_IDS = 200;

interface Gathering {
  ids: Set<number>;
  matters: Promise<Map<number, ClioRecord>>;
}

const gathering = new WeakMap<ClioClient, Gathering>();

/**
 * Who works on a matter, now: never from memory, since rules react to just these changes. The steps of one batch ask at
 * the same moment and share one call.
 */
async function readPeople(matterId: number, context: ActionContext): Promise<ClioRecord | undefined> {
  const current = gathering.get(context.clio);
  const group = current !== undefined && current.ids.size < MOST_IDS ? current : gather(context);
  group.ids.add(matterId);
  return (await group.matters).get(matterId);
}

function gather({ clio, signal }: ActionContext): Gathering {
  const ids = new Set<number>();
  const fields = ['id', ...roles.map((role) => `${role}{id,name}`)].join(',');
  const group: Gathering = {
    ids,
    matters: new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      if (gathering.get(clio) === group) gathering.delete(clio);
      const matters = await clio.list('matters', { ids: [...ids], fields }, signal);
      return new Map(matters.map((matter) => [Number(matter.id), matter]));
    }),
  };
  gathering.set(clio, group);
  return group;
}
