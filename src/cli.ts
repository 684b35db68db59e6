#!/usr/bin/env node
import { runProgram } from './cli/program.js';

/** `praetor ... | head` closes our output early: that is the reader's choice, not an error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
