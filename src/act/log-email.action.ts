import { logCommunication } from './log-communication.js';

/** An e-mail that went from one person to another, outside of the engine: this sends none, see `email.send`. */
export const logEmail = logCommunication({
  name: 'clio.communication.log_email',
  summary: 'Writes down an e-mail in the communications of a matter; sends nothing.',
  type: 'EmailCommunication',
  body: 'What it said.',
  from: 'Who wrote',
  to: 'Who was written to',
});
