import type { TokenRole } from '../store/api-token.entity.js';

/** What a route asks of whoever calls it. */
export type Need = 'read' | 'edit' | 'approve' | 'admin';

/** Who may do what: the only place that says it. An approver changes nothing but approvals, and an editor decides none. */
export const MAY: Readonly<Record<TokenRole, readonly Need[]>> = {
  viewer: ['read'],
  editor: ['read', 'edit'],
  approver: ['read', 'approve'],
  admin: ['read', 'edit', 'approve', 'admin'],
};

export function mayDo(role: TokenRole, need: Need): boolean {
  return MAY[role].includes(need);
}

/** The roles that may do it, for people: `editor or admin`. */
export function rolesFor(need: Need): string {
  const roles = Object.entries(MAY).flatMap(([role, needs]) => (needs.includes(need) ? [role] : []));
  return roles.join(' or ');
}
