import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { runProgram } from '../../src/cli/program.js';

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

interface Options {
  environment?: Record<string, string>;
  /** The working folder of a command that runs in this process; default: one without `.env`. */
  cwd?: string;
  /** What is typed in. */
  input?: string;
  /** Bytes a file of the process may have at most. */
  largestFile?: number;
}

/** A working folder without `.env`, so that a developer's own settings are not read. */
const elsewhere = mkdtempSync(join(tmpdir(), 'praetor-cwd-'));

/** The built program as a process of its own, with nothing in its environment but what is given. */
export function launch(file: 'main.js' | 'cli.js', args: string[], options: Options = {}): ChildProcess {
  const { environment = {}, largestFile } = options;
  const command = [process.execPath, resolve('dist', file), ...args];
  const limited = largestFile === undefined ? command : ['prlimit', `--fsize=${largestFile}`, ...command];
  const env = { PATH: process.env['PATH'], ...environment };
  return spawn(limited[0] as string, limited.slice(1), { cwd: elsewhere, env });
}

/** Runs it to its end. */
export async function run(file: 'main.js' | 'cli.js', args: string[], options: Options = {}): Promise<Ended> {
  const child = launch(file, args, options);
  child.stdin?.end(options.input ?? '');
  const ended = once(child, 'exit');
  const [out, err] = await Promise.all([child.stdout, child.stderr].map((stream) => text(stream!)));
  const [code] = (await ended) as [number | null];
  return { code, out: out ?? '', err: err ?? '' };
}

const SERVING = ['serve', 'sandbox', 'demo'];

/**
 * `praetor ...`, as typed at a prompt. What neither serves nor reads what is typed in runs in this process, with its
 * environment and working folder: starting Node takes longer than most commands. The built program is tested by `run`.
 */
export async function praetor(args: string[], options: Options = {}): Promise<Ended> {
  const { environment = {}, cwd = elsewhere, input, largestFile } = options;
  const needsProcess = input !== undefined || largestFile !== undefined;
  if (needsProcess || args.some((arg) => SERVING.includes(arg))) return run('cli.js', args, options);
  const [folder, env] = [process.cwd(), process.env];
  const ended: Ended = { code: null, out: '', err: '' };
  process.chdir(cwd);
  process.env = { ...environment };
  try {
    ended.code = await runProgram(args, {
      out: (text) => void (ended.out += text),
      err: (text) => void (ended.err += text),
    });
  } finally {
    process.env = env;
    process.chdir(folder);
  }
  return ended;
}
