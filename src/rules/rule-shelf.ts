import { parseStoredText, withApiRules, withShadows } from './api-rules.js';
import type { Commons } from './commons.js';
import type { CompiledRule } from './compiled-rule.js';
import type { CurrentRules } from './current-rules.js';
import type { RulesFolder } from './load-rules.js';
import type { ParsedFile } from './parse-rules.js';
import { RuleBook } from './rule-book.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { withLastGood } from './with-last-good.js';

/** What the database says of the rules in force. */
export interface ShelvedTexts {
  texts: readonly { id: string; source: string }[];
  /** Ids of rules that only watch on a person's word. */
  shadowed: readonly string[];
}

interface Kept {
  source: string;
  commons: Commons;
  parsed: ParsedFile;
}

/** Puts together what is in force: the rules of the folder, those of the API, and what a person says of them meanwhile. */
export class RuleShelf {
  private stored: ShelvedTexts = { texts: [], shadowed: [] };
  private kept = new Map<string, Kept>();

  /** `lastGood`: what was in force before the engine stopped. */
  constructor(
    private readonly current: CurrentRules,
    private readonly vocabulary: Vocabulary,
    private folder: RulesFolder,
    private lastGood: readonly CompiledRule[],
  ) {}

  /** Takes up what the folder holds now; the book as the texts say it. */
  putFolder(folder: RulesFolder): RuleBook {
    this.folder = folder;
    return this.compose();
  }

  /** Takes up what the database holds now; the book as the texts say it. */
  putStored(stored: ShelvedTexts): RuleBook {
    this.stored = stored;
    return this.compose();
  }

  private compose(): RuleBook {
    const { files, commons } = this.folder;
    const whole = withApiRules(RuleBook.of(files), this.parsed(commons));
    const book = withLastGood(whole, this.lastGood);
    this.lastGood = book.lastGood();
    this.current.replace(withShadows(book, this.stored.shadowed), commons);
    return book;
  }

  /** Only what changed is read again: one edit must not cost the reading of a thousand texts. */
  private parsed(commons: Commons): ParsedFile[] {
    const kept = this.stored.texts.map(({ id, source }): [string, Kept] => {
      const known = this.kept.get(id);
      if (known?.source === source && known.commons === commons) return [id, known];
      return [id, { source, commons, parsed: parseStoredText({ id, source }, this.vocabulary, commons) }];
    });
    this.kept = new Map(kept);
    return kept.map(([, { parsed }]) => parsed);
  }
}
