import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.js';
import { commonFolders } from './load-commons.js';
import { isRuleFile, loadFolder, type RulesFolder } from './load-rules.js';
import { RuleBook } from './rule-book.js';
import type { Vocabulary } from './rule-vocabulary.js';

/** Editors write a file in several goes: changes this close together are read once, in milliseconds. */
const DEBOUNCE_MS = 300;

/**
 * Calls `onChange` with what the folder holds after the rule files changed. A file that was good and cannot be used now may be half
 * written: it is read once more before it counts as broken. Returns a function that stops watching.
 */
export function watchRules(
  folder: string,
  vocabulary: Vocabulary,
  clock: Clock,
  onChange: (folder: RulesFolder) => void,
): () => void {
  let cancel: (() => void) | undefined;
  let stopped = false;
  let broken = new Set<string>();
  const later = (again: boolean) => {
    cancel?.();
    cancel = clock.after(DEBOUNCE_MS, () => void reload(again));
  };
  const reload = async (again: boolean) => {
    // A folder that is gone for a moment changes nothing: the rules in force stay.
    const loaded = await loadFolder(folder, vocabulary).catch(() => null);
    if (stopped || loaded === null) return;
    const files = new Set(RuleBook.of(loaded.files).broken.map(({ file }) => file));
    if (!again && [...files].some((file) => !broken.has(file))) return later(true);
    broken = files;
    onChange(loaded);
  };
  const watchers = new Map<string, FSWatcher>();
  /** A folder of shared files may come and go. */
  const watchShared = (name: string) => {
    watchers.get(name)?.close();
    watchers.delete(name);
    try {
      const watcher = watch(join(folder, name), () => later(false));
      watcher.on('error', () => undefined);
      watchers.set(name, watcher);
    } catch {
      // It is not there; the rules folder tells when it comes.
    }
  };
  const watcher = watch(folder, (_event, name) => {
    const shared = commonFolders.find((each) => each === name);
    if (shared !== undefined) watchShared(shared);
    if (name === null || shared !== undefined || isRuleFile(name)) later(false);
  });
  watcher.on('error', () => undefined);
  for (const name of commonFolders) watchShared(name);
  return () => {
    stopped = true;
    cancel?.();
    for (const each of [watcher, ...watchers.values()]) each.close();
  };
}
