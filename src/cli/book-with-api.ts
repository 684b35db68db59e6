import { CurrentRules } from '../rules/current-rules.js';
import { loadFolder } from '../rules/load-rules.js';
import { RuleBook } from '../rules/rule-book.js';
import { RuleShelf } from '../rules/rule-shelf.js';
import { ApiRuleStore } from '../store/api-rule.store.js';
import type { Database } from '../store/database.js';
import { vocabulary } from '../vocabulary.js';

/** The rules as a server with this folder and database has them in force: those of files and those of the API. */
export async function bookWithApi(folder: string, database: Database): Promise<RuleBook> {
  const words = vocabulary();
  const inForce = new CurrentRules(RuleBook.of([]));
  const shelf = new RuleShelf(inForce, words, await loadFolder(folder, words), []);
  shelf.putStored(await new ApiRuleStore(database).read());
  return inForce.book();
}
