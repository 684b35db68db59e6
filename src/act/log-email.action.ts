import { logCommunication } from './log-communication.js';

export const logEmail = logCommunication(
  'clio.communication.log_email',
  'Writes down an e-mail in the communications of a matter; sends nothing.',
  'EmailCommunication',
);
