import { readBack } from './read-back.js';

/** What the actions on an existing task give back. */
export const changedTask = readBack('task', {
  id: true,
  etag: true,
  name: true,
  status: true,
  priority: true,
  due_at: true,
  completed_at: true,
  updated_at: true,
  assignee: ['id', 'type', 'name'],
  matter: ['id', 'display_number'],
});
